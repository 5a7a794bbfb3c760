// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string_view>

#include "../support/steps_in.hpp"

namespace truestep::test {

template <class T>
void step_in(const fast::AdadeltaHyperparameters& h, std::uint64_t, Coordinate<T>& at, T g,
             const Order& order, const Fault&) {
  const Arithmetic<T> in(order);
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  g = decayed_gradient(h, at.theta, g);
  at.second = in.mean_square(h.rho, at.second, g);
  const T moves = at.first + epsilon, squares = at.second + epsilon;
  const T ratio = order.folded ? std::sqrt(in.quotient(moves, squares))
                               : in.quotient(std::sqrt(moves), std::sqrt(squares));
  const T delta =
      order.factor_first ? in.quotient(-std::sqrt(moves) * g, std::sqrt(squares)) : -ratio * g;
  at.first = in.mean_square(h.rho, at.first, delta);
  at.theta = in.multiply_add(alpha, delta, decayed_theta(h, at.theta, order));
}

/// Where the state of this name is kept; null where it is none.
template <class T>
T* state_in(const fast::AdadeltaHyperparameters&, Coordinate<T>& at, std::string_view name) {
  if (name == "s") return &at.second;
  if (name == "u") return &at.first;
  return nullptr;
}

}  // namespace truestep::test
