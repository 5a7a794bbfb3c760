// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string_view>

#include "../support/steps_in.hpp"

namespace truestep::test {

template <class T>
void step_in(const fast::AdagradHyperparameters& h, std::uint64_t, Coordinate<T>& at, T g,
             const Order& order, const Fault&) {
  const Arithmetic<T> in(order);
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  const bool in_sum = h.weight_decay_place == fast::WeightDecay::accumulator;
  const T seen =
      in_sum ? g + static_cast<T>(h.weight_decay) * at.theta : decayed_gradient(h, at.theta, g);
  at.second = in.multiply_add(seen, seen, at.second);
  const T mover = decayed_gradient(h, at.theta, g);
  const T denominator = h.epsilon_place == fast::EpsilonPlace::inside
                            ? std::sqrt(at.second + epsilon)
                            : std::sqrt(at.second) + epsilon;
  const T theta = decayed_theta(h, at.theta, order);
  if (h.zero_denominator == fast::ZeroDenominator::no_step && !(at.second > 0)) {
    at.buffer = in.mean(h.momentum, at.buffer, T(0));
    at.theta = h.momentum != 0 ? in.multiply_add(-alpha, at.buffer, theta) : theta;
    return;
  }
  if (h.momentum != 0) {
    at.buffer = in.mean(h.momentum, at.buffer, in.quotient(mover, denominator));
    at.theta = in.multiply_add(-alpha, at.buffer, theta);
  } else if (order.factor_first) {
    at.theta = theta - in.quotient(alpha * mover, denominator);
  } else {
    at.theta = in.multiply_add(-alpha, in.quotient(mover, denominator), theta);
  }
}

/// Where the state of this name is kept; null where it is none.
template <class T>
T* state_in(const fast::AdagradHyperparameters&, Coordinate<T>& at, std::string_view name) {
  if (name == "sum") return &at.second;
  if (name == "v") return &at.buffer;
  return nullptr;
}

}  // namespace truestep::test
