// SPDX-License-Identifier: Apache-2.0
/// One step of Adam as a user of the package takes it. Prints the bits that come out, which
/// -ffast-math must not change, and holds them to the reference.

#include <truestep/fast/adam.hpp>
#include <truestep/fast/coefficients/coefficients.hpp>
#ifndef __FAST_MATH__
#include <truestep/proofs/numbers/ball.hpp>
#include <truestep/reference/adam.hpp>
#include <truestep/reference/real.hpp>
#endif

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>

namespace fast = truestep::fast;

constexpr std::size_t size = 5;
using Vector = std::array<float, size>;

/// The last two steps start from subnormal numbers.
constexpr Vector theta_before{1.0f, -0.25f, 3e8f, 1e-40f, 0.0f};
constexpr Vector gradient{0.1f, -2.5f, 1e-3f, -7e-42f, 1e-45f};
constexpr Vector zeros{};

#ifdef __FAST_MATH__

/// The reference refuses to be compiled here: comparing needs the arithmetic that this program gave
/// up. That it did is what there is to see.
bool right(const Vector&) {
  volatile float smallest = std::bit_cast<float>(1u);
  return smallest * 1.0f == 0;
}

#else

/// Whether each theta lies within the rigorous radius of its own operations.
bool right(const Vector& theta) {
  namespace reference = truestep::reference;
  using Ball = truestep::proofs::Ball<float>;
  using Real = reference::Real;
  const fast::AdamHyperparameters h;
  const reference::Adam<Real> exact({h.learning_rate, h.beta1, h.beta2, h.epsilon}, 1);
  std::array<Ball, fast::lane::Adam::coefficients> coefficient;
  for (std::size_t i = 0; i < coefficient.size(); ++i)
    coefficient[i] = Ball::coefficient(fast::coefficients<float>(h, 1)[i]);

  for (std::size_t i = 0; i < size; ++i) {
    Ball ball = theta_before[i];
    std::array<Ball, 2> state;
    fast::lane::Adam::step(coefficient, ball, state, Ball(gradient[i]), fast::Unobserved());
    const Real truth = exact.step(theta_before[i], {}, gradient[i]).theta;
    if (!ball.bounded() || abs(Real(theta[i]) - truth) > ball.radius) return false;
  }
  return true;
}

#endif

int main() {
  Vector theta = theta_before, m = zeros, v = zeros;
  fast::step({}, 1, fast::AdamTensor<float>{.theta = theta, .m = m, .v = v, .gradient = gradient});
  for (const Vector* result : {&theta, &m, &v})
    for (const float x : *result) std::printf("%08x\n", std::bit_cast<std::uint32_t>(x));
  return right(theta) ? 0 : 1;
}
