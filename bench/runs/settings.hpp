// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <truestep/fast/conventions.hpp>
#include <truestep/proofs/statements.hpp>
#include <truestep/reference/real.hpp>

/// A rule's description as text, "pytorch,epsilon=1e-3": a convention, and what is set otherwise.
/// Names are those of the members of truestep/fast/RULE.hpp, values those of
/// truestep/reference/axes.hpp.
namespace truestep::settings {

using axes::type_word;
using axes::word;
using fast::contains;
using fast::text;
using rules::Named;

/// The words of a choice's type and of its values, in its order.
struct Words {
  std::string_view type;
  std::vector<std::string_view> values;
};

template <class Choice>
Words words(Choice choice) {
  Words words{type_word(choice), {}};
  for (std::size_t i = 0; i < fast::count_of<Choice>; ++i)
    words.values.push_back(word(static_cast<Choice>(i)));
  return words;
}

/// Calls `call(Rule())` for the rule of this name. Throws std::invalid_argument if there is none.
template <class Call>
void with_rule(std::string_view name, Call call) {
  fast::with_rule<rules::All>(name, [&]<class Rule>() { call(Rule()); });
}

/// Calls `call(Named)` for each member of a rule's hyperparameters, numbers first.
template <class Hyperparameters, class Call>
constexpr void for_each_member(Call call) {
  fast::for_each_member<typename Hyperparameters::Rule>([&](const auto& described) {
    call(Named{described.name, described.member});
  });
}

template <class Value>
constexpr bool is_number = fast::is_number<Value>;

/// A value as it is typed.
template <class Value>
std::string text(const Value& value) {
  if constexpr (is_number<Value>)
    return fmt::format("{}", value);
  else
    return std::string(word(value));
}

template <class Value>
Value value(std::string_view name, std::string_view typed) {
  if constexpr (is_number<Value>) {
    Value result{};
    const char* const end = typed.data() + typed.size();
    const auto [rest, error] = std::from_chars(typed.data(), end, result);
    if (error == std::errc() && rest == end) return result;
    throw std::invalid_argument(fmt::format("{} = {} is not a number", name, typed));
  } else {
    const auto known = words(Value()).values;
    for (std::size_t i = 0; i < known.size(); ++i)
      if (known[i] == typed) return static_cast<Value>(i);
    throw std::invalid_argument(
        fmt::format("{} = {} is not one of {{{}}}", name, typed, fmt::join(known, ", ")));
  }
}

/// Throws std::invalid_argument "RULE: NAME = VALUE is outside RANGE" for a number that the rule's
/// description does not allow.
template <class Rule>
void require_in_range(std::string_view name, double x) {
  fast::for_each_number<typename Rule::Hyperparameters::Rule>([&](const auto& number) {
    if (name == number.name && !contains(number.domain, x))
      throw std::invalid_argument(
          fmt::format("{}: {} = {} is outside {}", Rule::name, name, x, text(number.domain)));
  });
}

}  // namespace truestep::settings
