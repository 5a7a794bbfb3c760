// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/reference/rmsprop.hpp>

#include <vector>

#include "rmsprop.lane.hpp"
#include "measured.hpp"

namespace truestep::bench {

template <>
struct Measured<fast::Rmsprop> {
  static constexpr const char* name = "rmsprop";
  static constexpr std::array quantities{"s", "theta"};
  static constexpr bool like_theta = false, like_gradient = false;
  using Orders = lane::OrdersOf<fast::Rmsprop>::type;
  using Reference = reference::Rmsprop<Real>;
  using Hyperparameters = reference::RmspropHyperparameters;
  static constexpr Hyperparameters defaults{.001, .9, 1e-8};

  static Hyperparameters random(Random& r) {
    return {r.decade(-4, 0), 1 - r.decade(-3, -.05), r.decade(-10, -2)};
  }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t t) {
    const Real past = t == 1 ? 0 : h.rho;
    return {past, low(past), 1 - past, h.learning_rate, h.epsilon};
  }
  static Coordinate<1> random_state(Random& r, double g) { return {g * g * r.decade(-2, 2)}; }
  static Coordinate<1> exact(const Reference& rule, const Coordinate<1>& x, const Real& g) {
    const auto step = rule.step(x[1], {x[0]}, g);
    return {step.s, step.theta};
  }
};

}  // namespace truestep::bench
