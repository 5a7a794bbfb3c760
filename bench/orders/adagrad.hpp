// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/reference/adagrad.hpp>

#include <vector>

#include "adagrad.lane.hpp"
#include "measured.hpp"

namespace truestep::bench {

template <>
struct Measured<fast::Adagrad> {
  static constexpr const char* name = "adagrad";
  static constexpr std::array quantities{"sum", "theta"};
  static constexpr bool like_theta = false, like_gradient = false;
  using Orders = lane::OrdersOf<fast::Adagrad>::type;
  using Reference = reference::Adagrad<Real>;
  using Hyperparameters = reference::AdagradHyperparameters;
  static constexpr Hyperparameters defaults{.01, 1e-8};

  static Hyperparameters random(Random& r) { return {r.decade(-4, 0), r.decade(-10, -2)}; }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t) {
    return {h.learning_rate, h.epsilon};
  }
  static Coordinate<1> random_state(Random& r, double g) { return {g * g * r.decade(-2, 4)}; }
  static Coordinate<1> exact(const Reference& rule, const Coordinate<1>& x, const Real& g) {
    const auto step = rule.step(x[1], {x[0]}, g);
    return {step.sum, step.theta};
  }
};

}  // namespace truestep::bench
