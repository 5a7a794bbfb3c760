// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string_view>

#include "../support/steps_in.hpp"

namespace truestep::test {

template <class T>
void step_in(const fast::RmspropHyperparameters& h, std::uint64_t t, Coordinate<T>& at, T g,
             const Order& order, const Fault&) {
  using enum fast::EpsilonPlace;
  const Arithmetic<T> in(order);
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  g = decayed_gradient(h, at.theta, g);
  const bool begins = h.start == fast::Start::first_square && t == 1;
  at.second = begins ? g * g : in.mean_square(h.rho, at.second, g);
  if (h.epsilon_place == in_state) at.second += epsilon;
  T variance = at.second;
  if (h.centered) {
    at.first = in.mean(h.rho, at.first, g);
    variance = in.multiply_add(-at.first, at.first, variance);
  }
  const bool within = h.epsilon_place == inside ||
                      (h.epsilon_place == inside_with_momentum && h.momentum > 0) ||
                      (h.epsilon_place == inside_when_centered && h.centered);
  const T denominator = h.epsilon_place == in_state ? std::sqrt(variance)
                        : within                    ? std::sqrt(variance + epsilon)
                                                    : std::sqrt(variance) + epsilon;
  const T theta = decayed_theta(h, at.theta, order);
  const bool inside_buffer = h.learning_rate_site == fast::LearningRateSite::buffer;
  if (h.momentum == 0) {
    at.theta = order.factor_first ? theta - in.quotient(alpha * g, denominator)
                                  : in.multiply_add(-alpha, in.quotient(g, denominator), theta);
    return;
  }
  const T direction =
      inside_buffer ? in.quotient(alpha * g, denominator) : in.quotient(g, denominator);
  at.buffer = in.multiply_add(static_cast<T>(h.momentum), at.buffer, direction);
  at.theta = inside_buffer ? theta - at.buffer : in.multiply_add(-alpha, at.buffer, theta);
}

/// Where the state of this name is kept; null where it is none.
template <class T>
T* state_in(const fast::RmspropHyperparameters&, Coordinate<T>& at, std::string_view name) {
  if (name == "s") return &at.second;
  if (name == "mean") return &at.first;
  if (name == "v") return &at.buffer;
  return nullptr;
}

}  // namespace truestep::test
