// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/coefficients/coefficients.hpp>
#include <truestep/fast/conventions.hpp>
#include <truestep/fast/rules.hpp>
#include <truestep/reference/rules.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// The two statements of each rule side by side, tied by their words: both have the same members of
/// hyperparameters, with the same enumerations, and the same names of states.
namespace truestep::rules {

template <class Owner, class Value>
struct Named {
  const char* name;
  Value Owner::*member;
};
template <class Owner, class Value>
Named(const char*, Value Owner::*) -> Named<Owner, Value>;

/// A state of the formula that some conventions have.
template <class Owner, class Value, class Hyperparameters>
struct Further {
  const char* name;
  Value Owner::*member;
  bool (*used)(const Hyperparameters&);
};

/// The numbers of a rule that are such a part of it, in the order of its description.
template <class Rule, fast::Part part>
constexpr auto numbers_of() {
  using H = typename Rule::Hyperparameters;
  constexpr std::size_t count = [] {
    std::size_t n = 0;
    fast::for_each_number<Rule>([&](const auto& number) { n += number.part == part; });
    return n;
  }();
  std::array<Named<H, double>, count> numbers{};
  std::size_t next = 0;
  fast::for_each_number<Rule>([&]<class Value>(const fast::NamedNumber<H, Value>& number) {
    if constexpr (std::is_same_v<Value, double>)
      if (number.part == part) numbers[next++] = {number.name, number.member};
  });
  return numbers;
}

/// The state of a formula that has this name.
template <class Formula, class Number>
constexpr auto state_named(std::string_view name) {
  Number Formula::State::*found = nullptr;
  for (const auto& quantity : Formula::quantities)
    if (quantity.state && name == quantity.name)
      found = static_cast<Number Formula::State::*>(quantity.member);
  return found;
}

/// Both statements of a rule.
template <class Rule, template <class> class FormulaOver>
struct Both {
  static constexpr const char* name = Rule::name;
  using Fast = Rule;
  using Hyperparameters = typename Rule::Hyperparameters;
  template <class Number>
  using Formula = FormulaOver<Number>;
  /// The lane of the lecture note's convention.
  using Lane = std::tuple_element_t<0, typename fast::LanesOfRule<Hyperparameters>::type>;

  /// The numbers that every version of the rule has.
  static constexpr auto hyperparameters = numbers_of<Rule, fast::Part::every_version>();
  /// Those that act in some versions, and have a default without effect.
  static constexpr auto further = numbers_of<Rule, fast::Part::some_versions>();

  /// The states that every version has, in the order of the lane.
  template <class Number>
  static constexpr auto states = [] {
    constexpr auto& described = Rule::template states<float>;
    constexpr std::size_t count = [] {
      std::size_t n = 0;
      for (const auto& state : described) n += state.used == nullptr;
      return n;
    }();
    std::array<Named<typename Formula<Number>::State, Number>, count> own{};
    for (std::size_t i = 0; i < count; ++i)
      own[i] = {described[i].name, state_named<Formula<Number>, Number>(described[i].name)};
    return own;
  }();

  /// Those that only some have; a lane has those in use after its own.
  template <class Number>
  static constexpr auto further_states = [] {
    constexpr auto& described = Rule::template states<float>;
    constexpr std::size_t own = states<Number>.size();
    std::array<Further<typename Formula<Number>::State, Number, Hyperparameters>,
               described.size() - own>
        further{};
    for (std::size_t i = 0; i < further.size(); ++i)
      further[i] = {described[own + i].name,
                    state_named<Formula<Number>, Number>(described[own + i].name),
                    described[own + i].used};
    return further;
  }();

  static_assert(fast::member_count<Hyperparameters>() ==
                    fast::member_count<typename Formula<double>::Hyperparameters>(),
                "both statements have the same choices and numbers");

  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {h, t};
  }
};

/// The two statements of the rules, in one order.
template <class FastRules, class Formulas>
struct Paired;
template <class... Rule, template <class> class... Formula>
struct Paired<std::tuple<Rule...>, reference::FormulaList<Formula...>> {
  static_assert(sizeof...(Rule) == sizeof...(Formula),
                "reference::Formulas has a formula for each of fast::Rules, and no other");
  static_assert(((std::string_view(Rule::name) == Formula<double>::name) && ...),
                "both statements list the rules in one order");
  using type = std::tuple<Both<Rule, Formula>...>;
};

/// Both statements of every rule.
using All = Paired<fast::Rules, reference::Formulas>::type;

/// Both statements of one of fast::Rules.
template <class Rule, class List = All>
struct StatementsOf;
template <class Rule, class First, class... More>
struct StatementsOf<Rule, std::tuple<First, More...>>
    : std::conditional_t<std::is_same_v<Rule, typename First::Fast>, std::type_identity<First>,
                         StatementsOf<Rule, std::tuple<More...>>> {};
template <class Rule>
using Of = typename StatementsOf<Rule>::type;

/// The states that a convention of the rule has, in the order of its lane.
template <class R, class Number>
auto states_of(const typename R::Hyperparameters& h) {
  std::vector<Named<typename R::template Formula<Number>::State, Number>> states(
      R::template states<Number>.begin(), R::template states<Number>.end());
  for (const auto& state : R::template further_states<Number>)
    if (state.used(h)) states.push_back({state.name, state.member});
  return states;
}

/// The tensor of theta, the states in use, in the order of the lane, and the gradient.
template <class R, class T>
auto tensor_of(const typename R::Hyperparameters& h, std::span<T> theta,
               std::span<const std::span<T>> states, std::span<const T> gradient) {
  typename R::Fast::template Tensor<T> tensor{.theta = theta, .gradient = gradient};
  std::size_t next = 0;
  for (const auto& state : R::Fast::template states<T>)
    if (state.is_used(h)) tensor.*state.member = states[next++];
  return tensor;
}

/// The kernel over spans of these states.
template <class R, class T>
void run_kernel(const typename R::Hyperparameters& h, std::uint64_t t, std::span<T> theta,
                std::span<const std::span<T>> states, std::span<const T> gradient) {
  fast::step(h, t, tensor_of<R, T>(h, theta, states, gradient));
}

}  // namespace truestep::rules
