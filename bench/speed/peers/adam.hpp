// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adam.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace truestep::speed {

template <class Peer, class T>
void loop_step(const fast::AdamHyperparameters& h, std::uint64_t t, std::size_t count,
               T* __restrict theta, T* __restrict m, T* __restrict v,
               const T* __restrict gradient) {
  const double steps = static_cast<double>(t);
  const T beta1 = static_cast<T>(h.beta1), w1 = static_cast<T>(1 - h.beta1);
  const T beta2 = static_cast<T>(h.beta2), w2 = static_cast<T>(1 - h.beta2);
  const T alpha_t = static_cast<T>(h.learning_rate / (1 - std::pow(h.beta1, steps)));
  const T c_t = static_cast<T>(1 / std::sqrt(1 - std::pow(h.beta2, steps)));
  const T epsilon = static_cast<T>(h.epsilon);
  for (std::size_t i = 0; i < count; ++i) {
    m[i] = beta1 * m[i] + w1 * gradient[i];
    v[i] = beta2 * v[i] + w2 * gradient[i] * gradient[i];
    theta[i] -= alpha_t * m[i] / (c_t * std::sqrt(v[i]) + epsilon);
  }
}

template <class T, class Array, class Gradient>
void array_step(const fast::AdamHyperparameters& h, std::uint64_t t, const Gradient& g,
                Array& theta, Array& m, Array& v) {
  const double steps = static_cast<double>(t);
  const T beta1 = static_cast<T>(h.beta1), w1 = static_cast<T>(1 - h.beta1);
  const T beta2 = static_cast<T>(h.beta2), w2 = static_cast<T>(1 - h.beta2);
  const T alpha_t = static_cast<T>(h.learning_rate / (1 - std::pow(h.beta1, steps)));
  const T c_t = static_cast<T>(1 / std::sqrt(1 - std::pow(h.beta2, steps)));
  const T epsilon = static_cast<T>(h.epsilon);
  m = beta1 * m + w1 * g;
  v = beta2 * v + w2 * g.square();
  theta -= alpha_t * m / (c_t * v.sqrt() + epsilon);
}

}  // namespace truestep::speed
