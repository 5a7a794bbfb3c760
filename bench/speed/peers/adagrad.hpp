// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adagrad.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace truestep::speed {

template <class Peer, class T>
void loop_step(const fast::AdagradHyperparameters& h, std::uint64_t, std::size_t count,
               T* __restrict theta, T* __restrict sum, const T* __restrict gradient) {
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  for (std::size_t i = 0; i < count; ++i) {
    sum[i] += gradient[i] * gradient[i];
    theta[i] -= alpha * gradient[i] / std::sqrt(sum[i] + epsilon);
  }
}

template <class T, class Array, class Gradient>
void array_step(const fast::AdagradHyperparameters& h, std::uint64_t, const Gradient& g,
                Array& theta, Array& sum) {
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  sum += g.square();
  theta -= alpha * g / (sum + epsilon).sqrt();
}

}  // namespace truestep::speed
