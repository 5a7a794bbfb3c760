// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/reference/momentum.hpp>

#include <vector>

#include "momentum.lane.hpp"
#include "measured.hpp"

namespace truestep::bench {

template <>
struct Measured<fast::Momentum> {
  static constexpr const char* name = "momentum";
  static constexpr std::array quantities{"v", "theta"};
  static constexpr bool like_theta = true, like_gradient = false;
  using Orders = lane::OrdersOf<fast::Momentum>::type;
  using Reference = reference::Momentum<Real>;
  using Hyperparameters = reference::MomentumHyperparameters;
  static constexpr Hyperparameters defaults{.01, .9};

  static Hyperparameters random(Random& r) { return {r.decade(-4, 0), 1 - r.decade(-3, -.05)}; }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t) {
    return {h.momentum, h.learning_rate};
  }
  static Coordinate<1> random_state(Random& r, double g) {
    return {r.sign() * std::fabs(g) * r.decade(-4, 0)};
  }
  static Coordinate<1> exact(const Reference& rule, const Coordinate<1>& x, const Real& g) {
    const auto step = rule.step(x[1], {x[0]}, g);
    return {step.v, step.theta};
  }
};

}  // namespace truestep::bench
