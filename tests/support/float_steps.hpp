#pragma once

#include <truestep/proofs/rules.hpp>

#include <cmath>
#include <cstdint>

/// Steps in float as a system might write them: the rules a third time, each convention in any of
/// several orders of operations, for `truestep identify` to recognize.
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

/// Choices that do not, some of them habits of systems.
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
struct FloatState {
  float theta = 0, first = 0, second = 0, largest = 0, buffer = 0;
  float product1 = 1, product2 = 1;  ///< of beta, carried from step to step
};

class Arithmetic {
 public:
  explicit Arithmetic(const Order& order) : order_(order) {}

  float multiply_add(float a, float b, float c) const {
    return order_.fused ? std::fma(a, b, c) : a * b + c;
  }
  float quotient(float a, float b) const { return order_.reciprocal ? a * (1 / b) : a / b; }

  /// beta x + (1 - beta) g
  float mean(double beta, float x, float g, const Fault& fault = {}) const {
    const float b = static_cast<float>(beta), w = weight(beta, fault);
    if (!order_.lerp) return multiply_add(b, x, w * g);
    return 2 * w <= 1 ? multiply_add(w, g - x, x) : multiply_add(-(1 - w), g - x, g);
  }
  /// beta x + (1 - beta) g^2
  float mean_square(double beta, float x, float g, const Fault& fault = {}) const {
    if (order_.lerp || !order_.factor_first) return mean(beta, x, g * g, fault);
    return multiply_add(static_cast<float>(beta), x, weight(beta, fault) * g * g);
  }

 private:
  static float weight(double beta, const Fault& fault) {
    return fault.one_minus_float_beta ? 1 - static_cast<float>(beta) : static_cast<float>(1 - beta);
  }

  Order order_;
};

// Weight decay in its two usual places.

template <class Hyperparameters>
float decayed_gradient(const Hyperparameters& h, float theta, float g) {
  const bool coupled = h.weight_decay_place == fast::WeightDecay::gradient && h.weight_decay != 0;
  return coupled ? g + static_cast<float>(h.weight_decay) * theta : g;
}

template <class Hyperparameters>
float decayed_theta(const Hyperparameters& h, float theta, const Order& order) {
  if (h.weight_decay_place != fast::WeightDecay::decoupled || h.weight_decay == 0) return theta;
  const double shrink = h.learning_rate * h.weight_decay;
  return order.folded ? theta * static_cast<float>(1 - shrink)
                      : theta - static_cast<float>(shrink) * theta;
}

// What a state is before the first step.

inline FloatState started(const fast::MomentumHyperparameters&) { return {}; }
inline FloatState started(const fast::NagHyperparameters&) { return {}; }
inline FloatState started(const fast::AdadeltaHyperparameters&) { return {}; }
inline FloatState started(const fast::AdamHyperparameters&) { return {}; }
template <class Hyperparameters>
FloatState started(const Hyperparameters& h) {
  const bool epsilon = h.start == fast::Start::epsilon;
  return {.second = static_cast<float>(epsilon ? h.epsilon : h.initial_accumulator)};
}

/// The buffer of momentum and of NAG, after the step.
template <class Hyperparameters>
float next_buffer(const Hyperparameters& h, std::uint64_t t, float buffer, float push,
                  const Order& order) {
  if (h.first_buffer == fast::FirstBuffer::gradient && t == 1) return push;
  const Arithmetic in(order);
  const float damped = h.dampening == 0 ? push : static_cast<float>(1 - h.dampening) * push;
  return in.multiply_add(static_cast<float>(h.momentum), buffer, damped);
}

inline void float_step(const fast::MomentumHyperparameters& h, std::uint64_t t, FloatState& at,
                       float g, const Order& order, const Fault&) {
  const Arithmetic in(order);
  const float alpha = static_cast<float>(h.learning_rate);
  const bool inside = h.learning_rate_site == fast::LearningRateSite::buffer;
  g = decayed_gradient(h, at.theta, g);
  at.buffer = next_buffer(h, t, at.buffer, inside ? -alpha * g : g, order);
  const float theta = decayed_theta(h, at.theta, order);
  at.theta = inside ? theta + at.buffer : in.multiply_add(-alpha, at.buffer, theta);
}

inline void float_step(const fast::NagHyperparameters& h, std::uint64_t t, FloatState& at, float g,
                       const Order& order, const Fault&) {
  using enum fast::NesterovForm;
  const Arithmetic in(order);
  const float alpha = static_cast<float>(h.learning_rate), lambda = static_cast<float>(h.momentum);
  const bool inside = h.learning_rate_site == fast::LearningRateSite::buffer;
  g = decayed_gradient(h, at.theta, g);
  const float push = inside ? -alpha * g : g, old = at.buffer;
  at.buffer = next_buffer(h, t, old, push, order);
  const float squared = static_cast<float>(h.momentum * h.momentum);
  const float sum = static_cast<float>(1 + h.momentum);
  const float theta = decayed_theta(h, at.theta, order);
  const auto moved = [&](float by) {
    return inside ? theta + by : in.multiply_add(-alpha, by, theta);
  };
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

inline void float_step(const fast::AdagradHyperparameters& h, std::uint64_t, FloatState& at,
                       float g, const Order& order, const Fault&) {
  const Arithmetic in(order);
  const float alpha = static_cast<float>(h.learning_rate), epsilon = static_cast<float>(h.epsilon);
  const bool in_sum = h.weight_decay_place == fast::WeightDecay::accumulator;
  const float seen =
      in_sum ? g + static_cast<float>(h.weight_decay) * at.theta : decayed_gradient(h, at.theta, g);
  at.second = in.multiply_add(seen, seen, at.second);
  const float mover = decayed_gradient(h, at.theta, g);
  const float denominator = h.epsilon_place == fast::EpsilonPlace::inside
                                ? std::sqrt(at.second + epsilon)
                                : std::sqrt(at.second) + epsilon;
  const float theta = decayed_theta(h, at.theta, order);
  if (h.momentum != 0) {
    at.buffer = in.mean(h.momentum, at.buffer, in.quotient(mover, denominator));
    at.theta = in.multiply_add(-alpha, at.buffer, theta);
  } else if (order.factor_first) {
    at.theta = theta - in.quotient(alpha * mover, denominator);
  } else {
    at.theta = in.multiply_add(-alpha, in.quotient(mover, denominator), theta);
  }
}

inline void float_step(const fast::AdadeltaHyperparameters& h, std::uint64_t, FloatState& at,
                       float g, const Order& order, const Fault&) {
  const Arithmetic in(order);
  const float alpha = static_cast<float>(h.learning_rate), epsilon = static_cast<float>(h.epsilon);
  g = decayed_gradient(h, at.theta, g);
  at.second = in.mean_square(h.rho, at.second, g);
  const float moves = at.first + epsilon, squares = at.second + epsilon;
  const float ratio = order.folded ? std::sqrt(in.quotient(moves, squares))
                                   : in.quotient(std::sqrt(moves), std::sqrt(squares));
  const float delta =
      order.factor_first ? in.quotient(-std::sqrt(moves) * g, std::sqrt(squares)) : -ratio * g;
  at.first = in.mean_square(h.rho, at.first, delta);
  at.theta = in.multiply_add(alpha, delta, decayed_theta(h, at.theta, order));
}

inline void float_step(const fast::RmspropHyperparameters& h, std::uint64_t t, FloatState& at,
                       float g, const Order& order, const Fault&) {
  using enum fast::EpsilonPlace;
  const Arithmetic in(order);
  const float alpha = static_cast<float>(h.learning_rate), epsilon = static_cast<float>(h.epsilon);
  g = decayed_gradient(h, at.theta, g);
  const bool begins = h.start == fast::Start::first_square && t == 1;
  at.second = begins ? g * g : in.mean_square(h.rho, at.second, g);
  if (h.epsilon_place == in_state) at.second += epsilon;
  float variance = at.second;
  if (h.centered) {
    at.first = in.mean(h.rho, at.first, g);
    variance = in.multiply_add(-at.first, at.first, variance);
  }
  const bool within = h.epsilon_place == inside ||
                      (h.epsilon_place == inside_with_momentum && h.momentum > 0) ||
                      (h.epsilon_place == inside_when_centered && h.centered);
  const float denominator = h.epsilon_place == in_state ? std::sqrt(variance)
                            : within                    ? std::sqrt(variance + epsilon)
                                                        : std::sqrt(variance) + epsilon;
  const float theta = decayed_theta(h, at.theta, order);
  const bool inside_buffer = h.learning_rate_site == fast::LearningRateSite::buffer;
  if (h.momentum == 0) {
    at.theta = order.factor_first ? theta - in.quotient(alpha * g, denominator)
                                  : in.multiply_add(-alpha, in.quotient(g, denominator), theta);
    return;
  }
  const float direction =
      inside_buffer ? in.quotient(alpha * g, denominator) : in.quotient(g, denominator);
  at.buffer = in.multiply_add(static_cast<float>(h.momentum), at.buffer, direction);
  at.theta = inside_buffer ? theta - at.buffer : in.multiply_add(-alpha, at.buffer, theta);
}

inline void float_step(const fast::AdamHyperparameters& h, std::uint64_t t, FloatState& at, float g,
                       const Order& order, const Fault& fault) {
  const Arithmetic in(order);
  const double beta1 = fault.moments_swapped ? h.beta2 : h.beta1;
  const double beta2 = fault.moments_swapped ? h.beta1 : h.beta2;
  const float old_second = at.second;
  const float epsilon = static_cast<float>(h.epsilon);
  g = decayed_gradient(h, at.theta, g);
  at.first = in.mean(beta1 * std::pow(h.beta1_decay, double(t - 1)), at.first, g, fault);
  at.second = fault.absolute ? in.mean(beta2, at.second, std::fabs(g), fault)
                             : in.mean_square(beta2, at.second, g, fault);

  const auto n = static_cast<double>(t + h.first_power - 1) + fault.correction_late;
  at.product1 *= static_cast<float>(beta1);
  at.product2 *= static_cast<float>(beta2);
  const auto correction = [&](bool applied, double beta, float product) {
    if (!applied || n == 0) return 1.0;
    if (fault.running_float_product) return double(1 - product);
    if (fault.float_power)
      return double(1 - std::pow(static_cast<float>(beta), static_cast<float>(n)));
    return 1 - std::pow(beta, n);
  };
  const double correction1 = correction(h.corrects_m, beta1, at.product1);
  const double correction2 = correction(h.corrects_v, beta2, at.product2);
  at.largest = std::max(at.largest, at.second);
  const float second = fault.old_second_moment                  ? old_second
                       : h.amsgrad || fault.unannounced_maximum ? at.largest
                                                                : at.second;

  const float theta = decayed_theta(h, at.theta, order);
  const bool after = h.epsilon_frame == fast::EpsilonFrame::after_correction;
  const auto root2 = static_cast<float>(std::sqrt(correction2));
  if (fault.epsilon_squared) {
    const float denominator = std::sqrt(second / (root2 * root2) + epsilon * epsilon);
    at.theta = theta - static_cast<float>(h.learning_rate / correction1) * at.first / denominator;
  } else if (after && !order.folded) {
    const float m_hat = in.quotient(at.first, static_cast<float>(correction1));
    const float v_hat = in.quotient(second, static_cast<float>(correction2));
    const float denominator = std::sqrt(v_hat) + epsilon;
    const auto alpha = static_cast<float>(h.learning_rate);
    at.theta = order.factor_first ? theta - in.quotient(alpha * m_hat, denominator)
                                  : in.multiply_add(-alpha, in.quotient(m_hat, denominator), theta);
  } else {
    const auto alpha =
        static_cast<float>(after ? h.learning_rate / correction1
                                 : h.learning_rate * std::sqrt(correction2) / correction1);
    const float denominator =
        (after ? in.quotient(std::sqrt(second), root2) : std::sqrt(second)) + epsilon;
    at.theta = order.factor_first
                   ? theta - in.quotient(alpha * at.first, denominator)
                   : in.multiply_add(-alpha, in.quotient(at.first, denominator), theta);
  }
  if (fault.corrections_fed_back) {
    at.first /= static_cast<float>(correction1);
    at.second /= static_cast<float>(correction2);
  }
}

}  // namespace truestep::test
