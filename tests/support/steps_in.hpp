// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/conventions.hpp>

#include <cmath>
#include <cstdint>

/// Steps as a system might write them: the rules a third time, in T float or double, each
/// convention in any of several orders of operations, for `truestep identify` to recognize. A
/// rule's step_in is in steps_in/RULE.hpp; what they share is here.
namespace truestep::test {

/// Choices that leave a rule what it is.
struct Order {
  bool fused = false;         ///< a * b + c in one rounding
  bool lerp = false;          ///< a mean as x + w (g - x)
  bool factor_first = false;  ///< (w g) g instead of w (g g); alpha (a / b) the other way about
  bool reciprocal = false;    ///< a quotient as a product by 1 / b
  bool folded = false;        ///< corrections in the step size, roots of quotients
};

inline Order random_order(std::uint64_t seed) {
  const std::uint64_t bits = seed * 0x9e3779b97f4a7c15 >> 32;
  const auto bit = [&](int i) { return (bits >> i & 1) != 0; };
  return {bit(0), bit(1), bit(2), bit(3), bit(4)};
}

/// Choices that make it another rule, some of them habits of systems.
struct Fault {
  bool one_minus_float_beta = false;
  bool running_float_product = false;
  bool float_power = false;
  int correction_late = 0;  ///< added to the exponent of the corrections
  bool epsilon_squared = false;
  bool moments_swapped = false;    ///< beta1 for beta2
  bool old_second_moment = false;  ///< in the denominator
  bool absolute = false;           ///< |g| for g^2
  bool corrections_fed_back = false;
  bool unannounced_maximum = false;
  bool old_moments = false;             ///< those of the step before move theta
  bool corrections_multiplied = false;  ///< instead of divided by
};

/// One coordinate: whatever any rule keeps.
template <class T>
struct Coordinate {
  T theta = 0, first = 0, second = 0, largest = 0, buffer = 0;
  T product1 = 1, product2 = 1;  ///< of beta, carried from step to step
};

template <class T>
class Arithmetic {
 public:
  explicit Arithmetic(const Order& order) : order_(order) {}

  T multiply_add(T a, T b, T c) const { return order_.fused ? std::fma(a, b, c) : a * b + c; }
  T quotient(T a, T b) const { return order_.reciprocal ? a * (1 / b) : a / b; }

  /// beta x + (1 - beta) g
  T mean(double beta, T x, T g, const Fault& fault = {}) const {
    const T b = static_cast<T>(beta), w = weight(beta, fault);
    if (!order_.lerp) return multiply_add(b, x, w * g);
    return 2 * w <= 1 ? multiply_add(w, g - x, x) : multiply_add(-(1 - w), g - x, g);
  }
  /// beta x + (1 - beta) g^2
  T mean_square(double beta, T x, T g, const Fault& fault = {}) const {
    if (order_.lerp || !order_.factor_first) return mean(beta, x, g * g, fault);
    return multiply_add(static_cast<T>(beta), x, weight(beta, fault) * g * g);
  }

 private:
  static T weight(double beta, const Fault& fault) {
    return fault.one_minus_float_beta ? 1 - static_cast<T>(beta) : static_cast<T>(1 - beta);
  }

  Order order_;
};

// Weight decay in its two usual places, and at either time.

template <class T, class Hyperparameters>
T decayed_gradient(const Hyperparameters& h, T theta, T g) {
  const bool coupled = h.weight_decay_place == fast::WeightDecay::gradient && h.weight_decay != 0;
  return coupled ? g + static_cast<T>(h.weight_decay) * theta : g;
}

template <class T, class Hyperparameters>
T decayed_theta(const Hyperparameters& h, T theta, const Order& order,
                fast::DecayTime now = fast::DecayTime::before_step) {
  if (h.weight_decay_place != fast::WeightDecay::decoupled || h.weight_decay == 0) return theta;
  if (h.weight_decay_time != now) return theta;
  const double shrink = h.learning_rate * h.weight_decay;
  return order.folded ? theta * static_cast<T>(1 - shrink) : theta - static_cast<T>(shrink) * theta;
}

/// What is kept before the first step.
template <class T, class Hyperparameters>
Coordinate<T> started(const Hyperparameters& h) {
  if constexpr (requires { h.initial_accumulator; }) {
    const bool epsilon = h.start == fast::Start::epsilon;
    return {.second = static_cast<T>(epsilon ? h.epsilon : h.initial_accumulator)};
  } else {
    return {};
  }
}

/// A buffer of pushes, after the step.
template <class T, class Hyperparameters>
T next_buffer(const Hyperparameters& h, std::uint64_t t, T buffer, T push, const Order& order) {
  if (h.first_buffer == fast::FirstBuffer::gradient && t == 1) return push;
  const Arithmetic<T> in(order);
  const T damped = h.dampening == 0 ? push : static_cast<T>(1 - h.dampening) * push;
  return in.multiply_add(static_cast<T>(h.momentum), buffer, damped);
}

/// Whether step_in has orders of operations for a map: it knows most of what lanes know.
template <class H>
bool has_orders(const H& h) {
  if constexpr (requires { h.moments_start; })
    if (h.moments_start != fast::Start::constant || h.epsilon_root != 0) return false;
  return fast::without_lane(h) == nullptr && h.weight_decay_scale == H().weight_decay_scale;
}

}  // namespace truestep::test
