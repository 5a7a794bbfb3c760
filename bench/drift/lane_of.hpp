// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/lanes.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>

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

/// The lane that the hyperparameters ask for.
template <class Number, class Observer, class Hyperparameters>
LaneOf<Number, Observer> lane_of(const Hyperparameters& h) {
  std::optional<LaneOf<Number, Observer>> found;
  fast::with_lane(h, [&]<class Lane>() { found = LaneOf<Number, Observer>::template of<Lane>(); });
  return found.value();
}

}  // namespace truestep::drift
