// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>

#include "../support/steps_in.hpp"

namespace truestep::test {

template <class T>
void step_in(const fast::AdamHyperparameters& h, std::uint64_t t, Coordinate<T>& at, T g,
             const Order& order, const Fault& fault) {
  const Arithmetic<T> in(order);
  const double beta1 = fault.moments_swapped ? h.beta2 : h.beta1;
  const double beta2 = fault.moments_swapped ? h.beta1 : h.beta2;
  const T old_first = at.first, old_second = at.second;
  const T epsilon = static_cast<T>(h.epsilon);
  g = decayed_gradient(h, at.theta, g);
  at.first = in.mean(beta1 * std::pow(h.beta1_decay, double(t - 1)), at.first, g, fault);
  at.second = fault.absolute ? in.mean(beta2, at.second, std::fabs(g), fault)
                             : in.mean_square(beta2, at.second, g, fault);

  const T first = fault.old_moments ? old_first : at.first;
  const auto n = static_cast<double>(t + h.first_power - 1) + fault.correction_late;
  at.product1 *= static_cast<T>(beta1);
  at.product2 *= static_cast<T>(beta2);
  const auto correction = [&](bool applied, double beta, T product) {
    if (!applied || n == 0) return 1.0;
    if (fault.running_float_product) return double(1 - product);
    if (fault.float_power) return double(1 - std::pow(static_cast<T>(beta), static_cast<T>(n)));
    return 1 - std::pow(beta, n);
  };
  const auto used = [&](double divisor) {
    return fault.corrections_multiplied ? 1 / divisor : divisor;
  };
  const double correction1 = used(correction(h.corrects_m, beta1, at.product1));
  const double correction2 = used(correction(h.corrects_v, beta2, at.product2));
  const bool keeps_corrected = h.amsgrad && h.largest_of == fast::LargestOf::corrected;
  at.largest =
      std::max(at.largest,
               keeps_corrected ? in.quotient(at.second, static_cast<T>(correction2)) : at.second);
  const T second = fault.old_second_moment || fault.old_moments ? old_second
                   : h.amsgrad || fault.unannounced_maximum     ? at.largest
                                                                : at.second;

  const bool spared =
      h.weight_decay_mask == fast::DecayMask::signs_agree && (at.theta >= 0) != (at.first >= 0);
  const T theta = spared ? at.theta : decayed_theta(h, at.theta, order);
  const bool after = h.epsilon_frame == fast::EpsilonFrame::after_correction;
  const auto root2 = static_cast<T>(std::sqrt(correction2));
  if (fault.epsilon_squared) {
    const T denominator = std::sqrt(second / static_cast<T>(correction2) + epsilon * epsilon);
    at.theta = theta - static_cast<T>(h.learning_rate / correction1) * first / denominator;
  } else if (h.moment_ahead != fast::MomentAhead::none || keeps_corrected) {
    const bool ahead = h.moment_ahead != fast::MomentAhead::none;
    const bool own = h.moment_ahead == fast::MomentAhead::own_corrections && h.corrects_m;
    const double next = own ? 1 - std::pow(beta1, n + 1) : correction1;
    const T of_m = in.quotient(static_cast<T>(ahead ? beta1 : 1) * first, static_cast<T>(next));
    const T of_g = in.quotient(static_cast<T>(1 - beta1) * g, static_cast<T>(correction1));
    const T root = std::sqrt(second);
    const T denominator = keeps_corrected ? root + epsilon
                          : after         ? in.quotient(root, root2) + epsilon
                                          : in.quotient(root + epsilon, root2);
    at.theta = theta - static_cast<T>(h.learning_rate) *
                           in.quotient(ahead ? of_m + of_g : of_m, denominator);
  } else if (after && !order.folded) {
    const T m_hat = in.quotient(first, static_cast<T>(correction1));
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
    at.theta = order.factor_first ? theta - in.quotient(alpha * first, denominator)
                                  : in.multiply_add(-alpha, in.quotient(first, denominator), theta);
  }
  at.theta = decayed_theta(h, at.theta, order, fast::DecayTime::after_step);
  if (fault.corrections_fed_back) {
    at.first /= static_cast<T>(correction1);
    at.second /= static_cast<T>(correction2);
  }
}

/// Where the state of this name is kept; null where it is none.
template <class T>
T* state_in(const fast::AdamHyperparameters&, Coordinate<T>& at, std::string_view name) {
  if (name == "m") return &at.first;
  if (name == "v") return &at.second;
  if (name == "v_max") return &at.largest;
  return nullptr;
}

}  // namespace truestep::test
