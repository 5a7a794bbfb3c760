// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/rmsprop.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace truestep::speed {

template <class Peer, class T>
void loop_step(const fast::RmspropHyperparameters& h, std::uint64_t t, std::size_t count,
               T* __restrict theta, T* __restrict s, const T* __restrict gradient) {
  const double decay = t == 1 ? 0 : h.rho;
  const T rho = static_cast<T>(decay), w = static_cast<T>(1 - decay);
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  for (std::size_t i = 0; i < count; ++i) {
    s[i] = rho * s[i] + w * gradient[i] * gradient[i] + epsilon;
    theta[i] -= alpha * gradient[i] / std::sqrt(s[i]);
  }
}

template <class T, class Array, class Gradient>
void array_step(const fast::RmspropHyperparameters& h, std::uint64_t t, const Gradient& g,
                Array& theta, Array& s) {
  const double decay = t == 1 ? 0 : h.rho;
  const T rho = static_cast<T>(decay), w = static_cast<T>(1 - decay);
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  s = rho * s + w * g.square() + epsilon;
  theta -= alpha * g / s.sqrt();
}

}  // namespace truestep::speed
