// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/conventions.hpp>
#include <truestep/fast/lanes/lanes.hpp>
#include <truestep/proofs/statements.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

#include "runs/settings.hpp"

namespace truestep::drift {

/// A lane over numbers of one type, chosen at run time. So an audit is compiled once for a rule,
/// and no more than the step for each of its lanes.
template <class Number, class Observer>
class LaneOf {
 public:
  template <class Lane>
  static constexpr LaneOf of() {
    return {Lane::coefficients, Lane::states, &step_in<Lane>};
  }

  /// Takes as many coefficients and states as there are, in place.
  void step(std::span<const Number> coefficient, Number& theta, std::span<Number> state,
            const Number& gradient, const Observer& observe) const {
    step_(coefficient, theta, state, gradient, observe);
  }

  std::size_t coefficients, states;

 private:
  using Step = void (*)(std::span<const Number>, Number&, std::span<Number>, const Number&,
                        const Observer&);

  constexpr LaneOf(std::size_t coefficients_of, std::size_t states_of, Step in_lane)
      : coefficients(coefficients_of), states(states_of), step_(in_lane) {}

  template <class Lane>
  static void step_in(std::span<const Number> coefficient, Number& theta, std::span<Number> state,
                      const Number& gradient, const Observer& observe) {
    std::array<Number, Lane::coefficients> coefficients_now;
    std::copy_n(coefficient.begin(), Lane::coefficients, coefficients_now.begin());
    std::array<Number, Lane::states> states_now;
    std::copy_n(state.begin(), Lane::states, states_now.begin());
    Lane::step(coefficients_now, theta, states_now, gradient, observe);
    std::copy(states_now.begin(), states_now.end(), state.begin());
  }

  Step step_;
};

/// Calls call(h) with every description that differs from this one in a member of this type, which
/// is 0 there instead of something else, or 1 instead of 0.
template <class Type, class Hyperparameters, class Call>
constexpr void for_each_neighbour(const Hyperparameters& of, Call call) {
  settings::for_each_member<Hyperparameters>(
      [&]<class Value>(const rules::Named<Hyperparameters, Value>& named) {
        if constexpr (std::is_same_v<Value, Type>) {
          Hyperparameters h = of;
          h.*named.member = static_cast<Type>(of.*named.member == 0);
          call(h);
        }
      });
}

/// By index, the lanes that are asked for by a convention, with weight decay or without, or with
/// one or two flags turned over, and by the first one with a number that it does not have: an audit
/// can step in each.
template <class Hyperparameters>
constexpr auto asked_for() {
  std::array<bool, decltype(fast::choice(Hyperparameters()))::count> asked{};
  const auto ask = [&](const Hyperparameters& h) { asked[fast::choice(h).index()] = true; };
  const auto& conventions = fast::conventions_of<Hyperparameters>;
  for (const auto& convention : conventions) {
    Hyperparameters h = convention.hyperparameters;
    if (fast::without_lane(h) != nullptr) continue;
    ask(h);
    for_each_neighbour<bool>(h, [&](const Hyperparameters& one) {
      ask(one);
      for_each_neighbour<bool>(one, ask);
    });
    h.weight_decay = 1;
    ask(h);
  }
  for_each_neighbour<double>(conventions.front().hyperparameters, ask);
  return asked;
}

template <class Hyperparameters>
bool is_asked_for(const Hyperparameters& h) {
  static constexpr auto asked = asked_for<Hyperparameters>();
  return asked[fast::choice(h).index()];
}

/// The lane that the hyperparameters ask for. Throws std::invalid_argument for one that no
/// convention of the rule asks for.
template <class Number, class Observer, class Hyperparameters>
LaneOf<Number, Observer> lane_of(const Hyperparameters& h) {
  using Lanes = typename fast::LanesOfRule<Hyperparameters>::type;
  std::optional<LaneOf<Number, Observer>> found;
  const auto take_if_wanted = [&]<std::size_t index>() {
    if constexpr (asked_for<Hyperparameters>()[index])
      if (index == fast::choice(h).index())
        found = LaneOf<Number, Observer>::template of<std::tuple_element_t<index, Lanes>>();
  };
  [&]<std::size_t... index>(std::index_sequence<index...>) {
    (take_if_wanted.template operator()<index>(), ...);
  }
  (std::make_index_sequence<std::tuple_size_v<Lanes>>());
  if (!found) throw std::invalid_argument("no convention asks for these operations");
  return *found;
}

}  // namespace truestep::drift
