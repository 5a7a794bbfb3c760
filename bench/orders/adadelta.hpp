// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/reference/adadelta.hpp>

#include <vector>

#include "adadelta.lane.hpp"
#include "measured.hpp"

namespace truestep::bench {

template <>
struct Measured<fast::Adadelta> {
  static constexpr const char* name = "adadelta";
  static constexpr std::array quantities{"s", "u", "theta"};
  static constexpr bool like_theta = false, like_gradient = false;
  using Orders = lane::OrdersOf<fast::Adadelta>::type;
  using Reference = reference::Adadelta<Real>;
  using Hyperparameters = reference::AdadeltaHyperparameters;
  static constexpr Hyperparameters defaults{.95, 1e-6};

  static Hyperparameters random(Random& r) { return {1 - r.decade(-3, -.05), r.decade(-8, -3)}; }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t) {
    return {h.rho, low(h.rho), 1 - Real(h.rho), h.epsilon};
  }
  static Coordinate<2> random_state(Random& r, double g) {
    return {g * g * r.decade(-2, 2), r.decade(-7, -1)};
  }
  static Coordinate<2> exact(const Reference& rule, const Coordinate<2>& x, const Real& g) {
    const auto step = rule.step(x[2], {x[0], x[1]}, g);
    return {step.s, step.u, step.theta};
  }
};

}  // namespace truestep::bench
