// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "names.hpp"
#include "settings.hpp"
#include "value.hpp"

/// Hyperparameters that are given, of whichever rule, and what they make of a convention: each is
/// held to the rule's range when it is put in its place. typed.hpp reads them.
namespace truestep::settings {

/// A convention, and what is set otherwise in it.
struct Chosen {
  std::string convention;
  Given own = {};
};

/// Calls `call(Rule())` for both statements of each rule.
template <class Call>
void for_each_rule(Call call) {
  fast::for_each_rule<rules::All>([&]<class Rule>() { call(Rule()); });
}

inline std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for_each_rule([&](auto rule) { names.emplace_back(rule.name); });
  return names;
}

template <class Hyperparameters>
std::vector<std::string> member_names() {
  std::vector<std::string> names;
  for_each_member<Hyperparameters>([&](const auto& named) { names.emplace_back(named.name); });
  return names;
}

template <class Hyperparameters>
std::vector<std::string> convention_names() {
  std::vector<std::string> names;
  for (const auto& each : fast::conventions_of<Hyperparameters>) names.emplace_back(each.name);
  return names;
}

/// The classes of the conventions, in their order; "" of the lecture note and the papers.
template <class Hyperparameters>
std::vector<std::string> class_names() {
  std::vector<std::string> names;
  for (const auto& each : fast::conventions_of<Hyperparameters>)
    names.emplace_back(each.class_name);
  return names;
}

inline std::string text_of(const Value& value) {
  return std::visit([](const auto& held) { return text(held); }, value);
}

inline std::string text_of(const Given& given) {
  std::string all;
  for (const auto& [name, value] : given)
    all += fmt::format("{}{} = {}", all.empty() ? "" : ", ", name, text_of(value));
  return all;
}

/// Throws std::invalid_argument where it was there already.
inline void add(Given& given, const std::string& name, const Value& value) {
  const auto [place, is_new] = given.emplace(name, value);
  if (!is_new)
    throw std::invalid_argument(fmt::format("{} is given twice: {}, then {}", name,
                                            text_of(place->second), text_of(value)));
}

inline void add(Given& given, const Given& more) {
  for (const auto& [name, value] : more) add(given, name, value);
}

template <class Rule>
std::invalid_argument has_no(std::string_view name) {
  const auto known = member_names<typename Rule::Hyperparameters>();
  return std::invalid_argument(fmt::format("{}: {} is not one of {{{}}}{}", Rule::name, name,
                                           fmt::join(known, ", "), names::suggestion(name, known)));
}

/// Throws std::invalid_argument "RULE: NAME = VALUE is outside RANGE", or for a name that the rule
/// does not have.
template <class Rule>
void apply(typename Rule::Hyperparameters& h, const Given& given) {
  using Hyperparameters = typename Rule::Hyperparameters;
  for (const auto& each : given) {
    const auto& name = each.first;  // clang++ 14 captures no structured bindings
    const auto& value = each.second;
    bool found = false;
    for_each_member<Hyperparameters>([&]<class Type>(const Named<Hyperparameters, Type>& named) {
      if (name != named.name) return;
      found = true;
      h.*named.member = std::get<Type>(value);
      if constexpr (is_number<Type>)
        require_in_range<Rule>(name, static_cast<double>(h.*named.member));
    });
    if (!found) throw has_no<Rule>(name);
  }
}

/// What is chosen in the convention goes before what is given for all conventions, which goes
/// before the convention's own. Throws std::invalid_argument outside the rule's domain too.
template <class Rule>
typename Rule::Hyperparameters described(const Chosen& chosen, const Given& for_all = {}) {
  auto h = fast::convention<typename Rule::Hyperparameters>(chosen.convention);
  apply<Rule>(h, for_all);
  apply<Rule>(h, chosen.own);
  Rule::template formula<reference::Real>(h, 1);
  return h;
}

}  // namespace truestep::settings
