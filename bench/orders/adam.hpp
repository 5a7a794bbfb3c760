// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/reference/adam.hpp>

#include <vector>

#include "adam.lane.hpp"
#include "measured.hpp"

namespace truestep::bench {

template <>
struct Measured<fast::Adam> {
  static constexpr const char* name = "adam";
  static constexpr std::array quantities{"m", "v", "theta"};
  static constexpr bool like_theta = false, like_gradient = true;
  using Orders = lane::OrdersOf<fast::Adam>::type;
  using Reference = reference::Adam<Real>;
  using Hyperparameters = reference::AdamHyperparameters;
  static constexpr Hyperparameters defaults{.001, .9, .999, 1e-8};

  static Hyperparameters random(Random& r) {
    return {r.decade(-4, 0), 1 - r.decade(-3, -.05), 1 - r.decade(-5, -.3), r.decade(-10, -3)};
  }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t t) {
    const Real alpha = h.learning_rate, past1 = h.beta1, past2 = h.beta2;
    const Real correction1 = 1 / (1 - reference::power(past1, t));
    const Real correction2 = 1 / (1 - reference::power(past2, t));
    return {past1, low(past1),  1 - past1,           past2,       low(past2),        1 - past2,
            alpha, correction1, alpha * correction1, correction2, sqrt(correction2), h.epsilon};
  }
  static Coordinate<2> random_state(Random& r, double g) {
    return {r.sign() * g * r.decade(-1, 1), g * g * r.decade(-2, 2)};
  }
  static Coordinate<2> exact(const Reference& rule, const Coordinate<2>& x, const Real& g) {
    const auto step = rule.step(x[2], {x[0], x[1]}, g);
    return {step.m, step.v, step.theta};
  }
};

}  // namespace truestep::bench
