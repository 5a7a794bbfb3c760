// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/statements.hpp>

#include <cmath>
#include <cstdint>

/// Steps as a system might write them: the rules a third time, in T float or double, each
/// convention in any of several orders of operations, for `truestep identify` to recognize.
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

// Weight decay in its two usual places.

template <class T, class Hyperparameters>
T decayed_gradient(const Hyperparameters& h, T theta, T g) {
  const bool coupled = h.weight_decay_place == fast::WeightDecay::gradient && h.weight_decay != 0;
  return coupled ? g + static_cast<T>(h.weight_decay) * theta : g;
}

template <class T, class Hyperparameters>
T decayed_theta(const Hyperparameters& h, T theta, const Order& order) {
  if (h.weight_decay_place != fast::WeightDecay::decoupled || h.weight_decay == 0) return theta;
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

/// The buffer of momentum and of NAG, after the step.
template <class T, class Hyperparameters>
T next_buffer(const Hyperparameters& h, std::uint64_t t, T buffer, T push, const Order& order) {
  if (h.first_buffer == fast::FirstBuffer::gradient && t == 1) return push;
  const Arithmetic<T> in(order);
  const T damped = h.dampening == 0 ? push : static_cast<T>(1 - h.dampening) * push;
  return in.multiply_add(static_cast<T>(h.momentum), buffer, damped);
}

template <class T>
void step_in(const fast::MomentumHyperparameters& h, std::uint64_t t, Coordinate<T>& at, T g,
             const Order& order, const Fault&) {
  const Arithmetic<T> in(order);
  const T alpha = static_cast<T>(h.learning_rate);
  const bool inside = h.learning_rate_site == fast::LearningRateSite::buffer;
  g = decayed_gradient(h, at.theta, g);
  at.buffer = next_buffer(h, t, at.buffer, inside ? -alpha * g : g, order);
  const T theta = decayed_theta(h, at.theta, order);
  at.theta = inside ? theta + at.buffer : in.multiply_add(-alpha, at.buffer, theta);
}

template <class T>
void step_in(const fast::NagHyperparameters& h, std::uint64_t t, Coordinate<T>& at, T g,
             const Order& order, const Fault&) {
  using enum fast::NesterovForm;
  const Arithmetic<T> in(order);
  const T alpha = static_cast<T>(h.learning_rate), lambda = static_cast<T>(h.momentum);
  const bool inside = h.learning_rate_site == fast::LearningRateSite::buffer;
  g = decayed_gradient(h, at.theta, g);
  const T push = inside ? -alpha * g : g, old = at.buffer;
  at.buffer = next_buffer(h, t, old, push, order);
  const T squared = static_cast<T>(h.momentum * h.momentum);
  const T sum = static_cast<T>(1 + h.momentum);
  const T theta = decayed_theta(h, at.theta, order);
  const auto moved = [&](T by) { return inside ? theta + by : in.multiply_add(-alpha, by, theta); };
  switch (h.nesterov) {
    case stored_point:
      at.theta = moved(in.multiply_add(lambda, at.buffer, push));
      break;
    case unrolled:
      at.theta = moved(order.factor_first ? lambda * lambda * old + sum * push
                                          : in.multiply_add(squared, old, sum * push));
      break;
    case difference:
      at.theta = moved(in.multiply_add(sum, at.buffer, -lambda * old));
      break;
    case squared_momentum:
      at.theta = theta + squared * at.buffer;
      at.theta = at.theta - sum * alpha * g;
      break;
    default:
      at.theta = moved(at.buffer);
  }
}

template <class T>
void step_in(const fast::AdagradHyperparameters& h, std::uint64_t, Coordinate<T>& at, T g,
             const Order& order, const Fault&) {
  const Arithmetic<T> in(order);
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  const bool in_sum = h.weight_decay_place == fast::WeightDecay::accumulator;
  const T seen =
      in_sum ? g + static_cast<T>(h.weight_decay) * at.theta : decayed_gradient(h, at.theta, g);
  at.second = in.multiply_add(seen, seen, at.second);
  const T mover = decayed_gradient(h, at.theta, g);
  const T denominator = h.epsilon_place == fast::EpsilonPlace::inside
                            ? std::sqrt(at.second + epsilon)
                            : std::sqrt(at.second) + epsilon;
  const T theta = decayed_theta(h, at.theta, order);
  if (h.momentum != 0) {
    at.buffer = in.mean(h.momentum, at.buffer, in.quotient(mover, denominator));
    at.theta = in.multiply_add(-alpha, at.buffer, theta);
  } else if (order.factor_first) {
    at.theta = theta - in.quotient(alpha * mover, denominator);
  } else {
    at.theta = in.multiply_add(-alpha, in.quotient(mover, denominator), theta);
  }
}

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

template <class T>
void step_in(const fast::RmspropHyperparameters& h, std::uint64_t t, Coordinate<T>& at, T g,
             const Order& order, const Fault&) {
  using enum fast::EpsilonPlace;
  const Arithmetic<T> in(order);
  const T alpha = static_cast<T>(h.learning_rate), epsilon = static_cast<T>(h.epsilon);
  g = decayed_gradient(h, at.theta, g);
  const bool begins = h.start == fast::Start::first_square && t == 1;
  at.second = begins ? g * g : in.mean_square(h.rho, at.second, g);
  if (h.epsilon_place == in_state) at.second += epsilon;
  T variance = at.second;
  if (h.centered) {
    at.first = in.mean(h.rho, at.first, g);
    variance = in.multiply_add(-at.first, at.first, variance);
  }
  const bool within = h.epsilon_place == inside ||
                      (h.epsilon_place == inside_with_momentum && h.momentum > 0) ||
                      (h.epsilon_place == inside_when_centered && h.centered);
  const T denominator = h.epsilon_place == in_state ? std::sqrt(variance)
                        : within                    ? std::sqrt(variance + epsilon)
                                                    : std::sqrt(variance) + epsilon;
  const T theta = decayed_theta(h, at.theta, order);
  const bool inside_buffer = h.learning_rate_site == fast::LearningRateSite::buffer;
  if (h.momentum == 0) {
    at.theta = order.factor_first ? theta - in.quotient(alpha * g, denominator)
                                  : in.multiply_add(-alpha, in.quotient(g, denominator), theta);
    return;
  }
  const T direction =
      inside_buffer ? in.quotient(alpha * g, denominator) : in.quotient(g, denominator);
  at.buffer = in.multiply_add(static_cast<T>(h.momentum), at.buffer, direction);
  at.theta = inside_buffer ? theta - at.buffer : in.multiply_add(-alpha, at.buffer, theta);
}

template <class T>
void step_in(const fast::AdamHyperparameters& h, std::uint64_t t, Coordinate<T>& at, T g,
             const Order& order, const Fault& fault) {
  const Arithmetic<T> in(order);
  const double beta1 = fault.moments_swapped ? h.beta2 : h.beta1;
  const double beta2 = fault.moments_swapped ? h.beta1 : h.beta2;
  const T old_second = at.second;
  const T epsilon = static_cast<T>(h.epsilon);
  g = decayed_gradient(h, at.theta, g);
  at.first = in.mean(beta1 * std::pow(h.beta1_decay, double(t - 1)), at.first, g, fault);
  at.second = fault.absolute ? in.mean(beta2, at.second, std::fabs(g), fault)
                             : in.mean_square(beta2, at.second, g, fault);

  const auto n = static_cast<double>(t + h.first_power - 1) + fault.correction_late;
  at.product1 *= static_cast<T>(beta1);
  at.product2 *= static_cast<T>(beta2);
  const auto correction = [&](bool applied, double beta, T product) {
    if (!applied || n == 0) return 1.0;
    if (fault.running_float_product) return double(1 - product);
    if (fault.float_power) return double(1 - std::pow(static_cast<T>(beta), static_cast<T>(n)));
    return 1 - std::pow(beta, n);
  };
  const double correction1 = correction(h.corrects_m, beta1, at.product1);
  const double correction2 = correction(h.corrects_v, beta2, at.product2);
  at.largest = std::max(at.largest, at.second);
  const T second = fault.old_second_moment                  ? old_second
                   : h.amsgrad || fault.unannounced_maximum ? at.largest
                                                            : at.second;

  const T theta = decayed_theta(h, at.theta, order);
  const bool after = h.epsilon_frame == fast::EpsilonFrame::after_correction;
  const auto root2 = static_cast<T>(std::sqrt(correction2));
  if (fault.epsilon_squared) {
    const T denominator = std::sqrt(second / (root2 * root2) + epsilon * epsilon);
    at.theta = theta - static_cast<T>(h.learning_rate / correction1) * at.first / denominator;
  } else if (after && !order.folded) {
    const T m_hat = in.quotient(at.first, static_cast<T>(correction1));
    const T v_hat = in.quotient(second, static_cast<T>(correction2));
    const T denominator = std::sqrt(v_hat) + epsilon;
    const auto alpha = static_cast<T>(h.learning_rate);
    at.theta = order.factor_first ? theta - in.quotient(alpha * m_hat, denominator)
                                  : in.multiply_add(-alpha, in.quotient(m_hat, denominator), theta);
  } else {
    const auto alpha =
        static_cast<T>(after ? h.learning_rate / correction1
                             : h.learning_rate * std::sqrt(correction2) / correction1);
    const T denominator =
        (after ? in.quotient(std::sqrt(second), root2) : std::sqrt(second)) + epsilon;
    at.theta = order.factor_first
                   ? theta - in.quotient(alpha * at.first, denominator)
                   : in.multiply_add(-alpha, in.quotient(at.first, denominator), theta);
  }
  if (fault.corrections_fed_back) {
    at.first /= static_cast<T>(correction1);
    at.second /= static_cast<T>(correction2);
  }
}

}  // namespace truestep::test
