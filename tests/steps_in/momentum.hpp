// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string_view>

#include "../support/steps_in.hpp"

namespace truestep::test {

template <class T>
void step_in(const fast::MomentumHyperparameters& h, std::uint64_t t, Coordinate<T>& at, T g,
             const Order& order, const Fault&) {
  const Arithmetic<T> in(order);
  const T alpha = static_cast<T>(h.learning_rate);
  const bool inside = h.learning_rate_site == fast::LearningRateSite::buffer;
  g = decayed_gradient(h, at.theta, g);
  at.buffer = next_buffer(h, t, at.buffer, inside ? -alpha * g : g, order);
  const T theta = decayed_theta(h, at.theta, order);
  at.theta = inside ? theta + at.buffer : in.multiply_add(-alpha, at.buffer, theta);
}

/// Where the state of this name is kept; null where it is none.
template <class T>
T* state_in(const fast::MomentumHyperparameters&, Coordinate<T>& at, std::string_view name) {
  if (name == "v") return &at.buffer;
  return nullptr;
}

}  // namespace truestep::test
