// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/reference/axes.hpp>

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>

/// How a rule tells what it has, once: each fast/RULE.hpp describes its hyperparameters, choices
/// and states, and command line, range checks, error texts, tests and tables are made from that.
namespace truestep::fast {

using namespace axes;

/// The numbers that a hyperparameter may be.
enum class Domain { scale, weight, fraction, count };

/// The largest learning rate and epsilon: no coefficient made of them overflows float, since
/// 1 - beta^t >= 2^-53 and 2^64 * 2^53 < 2^128.
inline constexpr double largest_scale = 0x1p64;

constexpr bool contains(Domain domain, double x) {
  switch (domain) {
    case Domain::scale:
      return x >= 0 && x <= largest_scale;
    case Domain::weight:
      return x >= 0 && x < 1;
    case Domain::fraction:
      return x >= 0 && x <= 1;
    case Domain::count:
      return x >= 0 && x <= 0x1p16;
  }
  return false;
}

/// A domain as errors print it.
constexpr const char* text(Domain domain) {
  switch (domain) {
    case Domain::scale:
      return "[0, 2^64]";
    case Domain::weight:
      return "[0, 1)";
    case Domain::fraction:
      return "[0, 1]";
    case Domain::count:
      return "[0, 2^16]";
  }
  return "";
}

/// What a number is to its rule: part of every version; or what some versions have, at a default
/// without effect; or what the caller fills an accumulator with; or a choice that is a number.
enum class Part { every_version, some_versions, start, choice };

/// A number of a rule: the name of its member, which is its name everywhere.
template <class Hyperparameters, class Value>
struct NamedNumber {
  const char* name;
  Value Hyperparameters::*member;
  Domain domain;
  Part part;
  const char* unit;   ///< 1 for a bare number
  const char* words;  ///< what it is
};
template <class Hyperparameters, class Value>
NamedNumber(const char*, Value Hyperparameters::*, Domain, Part, const char*, const char*)
    -> NamedNumber<Hyperparameters, Value>;

/// A choice of a rule, an enumeration of axes.hpp or a bool.
template <class Hyperparameters, class Value>
struct NamedChoice {
  const char* name;
  Value Hyperparameters::*member;
  const char* words;
};
template <class Hyperparameters, class Value>
NamedChoice(const char*, Value Hyperparameters::*, const char*)
    -> NamedChoice<Hyperparameters, Value>;

/// Whether a member of hyperparameters is a number.
template <class Value>
inline constexpr bool is_number =
    std::is_same_v<Value, double> || std::is_same_v<Value, std::uint64_t>;

/// An array that a tensor has for each coordinate's state.
template <class Tensor>
struct NamedState {
  const char* name;
  decltype(Tensor::theta) Tensor::*member;
  /// Whether these hyperparameters have it; null where all have.
  bool (*used)(const typename Tensor::Hyperparameters&) = nullptr;

  constexpr bool is_used(const typename Tensor::Hyperparameters& h) const {
    return used == nullptr || used(h);
  }
};

/// Stands for whatever an aggregate's next member is.
struct Anything {
  template <class Member>
  operator Member() const;
};

/// How many members an aggregate has.
template <class Aggregate, class... Members>
constexpr std::size_t member_count(Members... members) {
  if constexpr (requires { Aggregate{members..., Anything()}; })
    return member_count<Aggregate>(members..., Anything());
  else
    return sizeof...(members);
}

/// A rule that describes every member of its hyperparameters.
template <class Rule>
concept Described = std::tuple_size_v<std::remove_cvref_t<decltype(Rule::members)>>
== member_count<typename Rule::Hyperparameters>();

/// Calls action(member) for each number and choice of a rule, in the order of its description.
template <Described Rule, class Action>
constexpr void for_each_member(Action action) {
  std::apply([&](const auto&... member) { (action(member), ...); }, Rule::members);
}

/// Calls action(number) for each number alone.
template <Described Rule, class Action>
constexpr void for_each_number(Action action) {
  for_each_member<Rule>([&](const auto& member) {
    if constexpr (requires { member.domain; }) action(member);
  });
}

}  // namespace truestep::fast
