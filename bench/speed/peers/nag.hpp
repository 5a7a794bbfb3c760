// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/nag.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace truestep::speed {

template <class Peer, class T>
void loop_step(const fast::NagHyperparameters& h, std::uint64_t, std::size_t count,
               T* __restrict theta, T* __restrict v, const T* __restrict gradient) {
  const T alpha = static_cast<T>(h.learning_rate), momentum = static_cast<T>(h.momentum);
  for (std::size_t i = 0; i < count; ++i) {
    v[i] = momentum * v[i] - alpha * gradient[i];
    theta[i] += momentum * v[i] - alpha * gradient[i];
  }
}

template <class T, class Array, class Gradient>
void array_step(const fast::NagHyperparameters& h, std::uint64_t, const Gradient& g, Array& theta,
                Array& v) {
  const T alpha = static_cast<T>(h.learning_rate), momentum = static_cast<T>(h.momentum);
  v = momentum * v - alpha * g;
  theta += momentum * v - alpha * g;
}

}  // namespace truestep::speed
