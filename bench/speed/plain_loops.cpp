// SPDX-License-Identifier: Apache-2.0
// Compiled once for each compiler and set of flags, TRUESTEP_PEER naming it.

#include "steps.hpp"

#include <cmath>

namespace truestep::speed {

template <class Peer, class T>
const char* Steps<Peer, T>::made_by() {
#ifdef __clang__
  return __VERSION__;
#else
  return "g++ " __VERSION__;
#endif
}

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::MomentumHyperparameters& h, std::uint64_t, std::size_t count,
                          T* __restrict theta, T* __restrict v, const T* __restrict gradient) {
  const T alpha = static_cast<T>(h.learning_rate), momentum = static_cast<T>(h.momentum);
  for (std::size_t i = 0; i < count; ++i) {
    v[i] = momentum * v[i] - alpha * gradient[i];
    theta[i] += v[i];
  }
}

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::NagHyperparameters& h, std::uint64_t, std::size_t count,
                          T* __restrict theta, T* __restrict v, const T* __restrict gradient) {
  const T alpha = static_cast<T>(h.learning_rate), momentum = static_cast<T>(h.momentum);
  for (std::size_t i = 0; i < count; ++i) {
    v[i] = momentum * v[i] - alpha * gradient[i];
    theta[i] += momentum * v[i] - alpha * gradient[i];
  }
}

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::AdagradHyperparameters& h, std::uint64_t, std::size_t count,
                          T* __restrict theta, T* __restrict sum, const T* __restrict gradient) {
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  for (std::size_t i = 0; i < count; ++i) {
    sum[i] += gradient[i] * gradient[i];
    theta[i] -= alpha * gradient[i] / std::sqrt(sum[i] + epsilon);
  }
}

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::AdadeltaHyperparameters& h, std::uint64_t, std::size_t count,
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

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::RmspropHyperparameters& h, std::uint64_t t, std::size_t count,
                          T* __restrict theta, T* __restrict s, const T* __restrict gradient) {
  const double decay = t == 1 ? 0 : h.rho;
  const T rho = static_cast<T>(decay), w = static_cast<T>(1 - decay);
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  for (std::size_t i = 0; i < count; ++i) {
    s[i] = rho * s[i] + w * gradient[i] * gradient[i] + epsilon;
    theta[i] -= alpha * gradient[i] / std::sqrt(s[i]);
  }
}

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::AdamHyperparameters& h, std::uint64_t t, std::size_t count,
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

template struct Steps<TRUESTEP_PEER, float>;
template struct Steps<TRUESTEP_PEER, double>;

}  // namespace truestep::speed
