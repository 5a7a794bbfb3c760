// SPDX-License-Identifier: Apache-2.0
#include "steps.hpp"

#include <cmath>

#include <Eigen/Core>

namespace truestep::speed {
namespace {

template <class T>
using Numbers = ::Eigen::Map<::Eigen::ArrayX<T>>;
template <class T>
using Gradient = ::Eigen::Map<const ::Eigen::ArrayX<T>>;

auto size(std::size_t count) { return static_cast<::Eigen::Index>(count); }

}  // namespace

#define TRUESTEP_TEXT_OF(number) #number
#define TRUESTEP_VERSION(world, major, minor) \
  TRUESTEP_TEXT_OF(world) "." TRUESTEP_TEXT_OF(major) "." TRUESTEP_TEXT_OF(minor)
template <class Peer, class T>
const char* Steps<Peer, T>::made_by() {
  return "Eigen " TRUESTEP_VERSION(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
}

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::MomentumHyperparameters& h, std::uint64_t, std::size_t count,
                          T* __restrict theta_data, T* __restrict v_data,
                          const T* __restrict gradient) {
  const T alpha = static_cast<T>(h.learning_rate), momentum = static_cast<T>(h.momentum);
  Numbers<T> theta(theta_data, size(count)), v(v_data, size(count));
  const Gradient<T> g(gradient, size(count));
  v = momentum * v - alpha * g;
  theta += v;
}

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::NagHyperparameters& h, std::uint64_t, std::size_t count,
                          T* __restrict theta_data, T* __restrict v_data,
                          const T* __restrict gradient) {
  const T alpha = static_cast<T>(h.learning_rate), momentum = static_cast<T>(h.momentum);
  Numbers<T> theta(theta_data, size(count)), v(v_data, size(count));
  const Gradient<T> g(gradient, size(count));
  v = momentum * v - alpha * g;
  theta += momentum * v - alpha * g;
}

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::AdagradHyperparameters& h, std::uint64_t, std::size_t count,
                          T* __restrict theta_data, T* __restrict sum_data,
                          const T* __restrict gradient) {
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  Numbers<T> theta(theta_data, size(count)), sum(sum_data, size(count));
  const Gradient<T> g(gradient, size(count));
  sum += g.square();
  theta -= alpha * g / (sum + epsilon).sqrt();
}

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::AdadeltaHyperparameters& h, std::uint64_t, std::size_t count,
                          T* __restrict theta_data, T* __restrict s_data, T* __restrict u_data,
                          const T* __restrict gradient) {
  const T rho = static_cast<T>(h.rho), w = static_cast<T>(1 - h.rho);
  const T epsilon = static_cast<T>(h.epsilon);
  Numbers<T> theta(theta_data, size(count)), s(s_data, size(count)), u(u_data, size(count));
  const Gradient<T> g(gradient, size(count));
  s = rho * s + w * g.square();
  // An expression, evaluated at either use: an array would have to be allocated. Hence u last.
  const auto delta = ((u + epsilon) / (s + epsilon)).sqrt() * g;
  theta -= delta;
  u = rho * u + w * delta.square();
}

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::RmspropHyperparameters& h, std::uint64_t t, std::size_t count,
                          T* __restrict theta_data, T* __restrict s_data,
                          const T* __restrict gradient) {
  const double decay = t == 1 ? 0 : h.rho;
  const T rho = static_cast<T>(decay), w = static_cast<T>(1 - decay);
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  Numbers<T> theta(theta_data, size(count)), s(s_data, size(count));
  const Gradient<T> g(gradient, size(count));
  s = rho * s + w * g.square() + epsilon;
  theta -= alpha * g / s.sqrt();
}

template <class Peer, class T>
void Steps<Peer, T>::step(const fast::AdamHyperparameters& h, std::uint64_t t, std::size_t count,
                          T* __restrict theta_data, T* __restrict m_data, T* __restrict v_data,
                          const T* __restrict gradient) {
  const double steps = static_cast<double>(t);
  const T beta1 = static_cast<T>(h.beta1), w1 = static_cast<T>(1 - h.beta1);
  const T beta2 = static_cast<T>(h.beta2), w2 = static_cast<T>(1 - h.beta2);
  const T alpha_t = static_cast<T>(h.learning_rate / (1 - std::pow(h.beta1, steps)));
  const T c_t = static_cast<T>(1 / std::sqrt(1 - std::pow(h.beta2, steps)));
  const T epsilon = static_cast<T>(h.epsilon);
  Numbers<T> theta(theta_data, size(count)), m(m_data, size(count)), v(v_data, size(count));
  const Gradient<T> g(gradient, size(count));
  m = beta1 * m + w1 * g;
  v = beta2 * v + w2 * g.square();
  theta -= alpha_t * m / (c_t * v.sqrt() + epsilon);
}

template struct Steps<EigenArrays, float>;
template struct Steps<EigenArrays, double>;

}  // namespace truestep::speed
