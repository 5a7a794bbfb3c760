// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adadelta.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "speed/steps.hpp"

namespace truestep::speed {

/// It stays further from the limit than the others.
template <>
inline constexpr const char* limit_apart<fast::Adadelta> = "Adadelta";

template <class Peer, class T>
void loop_step(const fast::AdadeltaHyperparameters& h, std::uint64_t, std::size_t count,
               T* __restrict theta, T* __restrict s, T* __restrict u,
               const T* __restrict gradient) {
  const T rho = static_cast<T>(h.rho), w = static_cast<T>(1 - h.rho);
  const T epsilon = static_cast<T>(h.epsilon);
  for (std::size_t i = 0; i < count; ++i) {
    s[i] = rho * s[i] + w * gradient[i] * gradient[i];
    const T delta = std::sqrt((u[i] + epsilon) / (s[i] + epsilon)) * gradient[i];
    u[i] = rho * u[i] + w * delta * delta;
    theta[i] -= delta;
  }
}

template <class T, class Array, class Gradient>
void array_step(const fast::AdadeltaHyperparameters& h, std::uint64_t, const Gradient& g,
                Array& theta, Array& s, Array& u) {
  const T rho = static_cast<T>(h.rho), w = static_cast<T>(1 - h.rho);
  const T epsilon = static_cast<T>(h.epsilon);
  s = rho * s + w * g.square();
  // An expression, evaluated at either use: an array would have to be allocated. Hence u last.
  const auto delta = ((u + epsilon) / (s + epsilon)).sqrt() * g;
  theta -= delta;
  u = rho * u + w * delta.square();
}

}  // namespace truestep::speed
