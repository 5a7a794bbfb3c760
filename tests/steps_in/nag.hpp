// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string_view>

#include "../support/steps_in.hpp"

namespace truestep::test {

template <class T>
void step_in(const fast::NagHyperparameters& h, std::uint64_t t, Coordinate<T>& at, T g,
             const Order& order, const Fault&) {
  using enum fast::NesterovForm;
  const Arithmetic<T> in(order);
  const T alpha = static_cast<T>(h.learning_rate), lambda = static_cast<T>(h.momentum);
  const bool inside = h.learning_rate_site == fast::LearningRateSite::buffer;
  g = decayed_gradient(h, at.theta, g);
  const T push = inside ? -alpha * g : g, old = at.buffer;
  at.buffer = next_buffer(h, t, old, push, order);
  const T squared = static_cast<T>(h.momentum * h.momentum);
  const T sum = static_cast<T>(1 + h.momentum);
  const T theta = decayed_theta(h, at.theta, order);
  const auto moved = [&](T by) { return inside ? theta + by : in.multiply_add(-alpha, by, theta); };
  switch (h.nesterov) {
    case stored_point:
      at.theta = moved(in.multiply_add(lambda, at.buffer, push));
      break;
    case unrolled:
      at.theta = moved(order.factor_first ? lambda * lambda * old + sum * push
                                          : in.multiply_add(squared, old, sum * push));
      break;
    case difference:
      at.theta = moved(in.multiply_add(sum, at.buffer, -lambda * old));
      break;
    case squared_momentum:
      at.theta = theta + squared * at.buffer;
      at.theta = at.theta - sum * alpha * g;
      break;
    default:
      at.theta = moved(at.buffer);
  }
}

/// Where the state of this name is kept; null where it is none.
template <class T>
T* state_in(const fast::NagHyperparameters&, Coordinate<T>& at, std::string_view name) {
  if (name == "v") return &at.buffer;
  return nullptr;
}

}  // namespace truestep::test
