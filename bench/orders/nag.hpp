// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/reference/nag.hpp>

#include <vector>

#include "nag.lane.hpp"
#include "measured.hpp"

namespace truestep::bench {

template <>
struct Measured<fast::Nag> {
  static constexpr const char* name = "nag_look_ahead";
  static constexpr std::array quantities{"point"};
  static constexpr bool like_theta = false, like_gradient = true;
  using Orders = lane::OrdersOf<fast::Nag>::type;
  using Reference = reference::Nag<Real>;
  using Hyperparameters = reference::NagHyperparameters;
  static constexpr Hyperparameters defaults{.01, .9};

  static Hyperparameters random(Random& r) { return {r.decade(-4, 0), 1 - r.decade(-3, -.05)}; }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t) {
    return {h.momentum};
  }
  static Coordinate<0> random_state(Random& r, double v) {
    return {r.sign() * v * r.decade(-1, 1)};
  }
  static Coordinate<0> exact(const Reference& rule, const Coordinate<0>& x, const Real& v) {
    return {rule.look_ahead(x[0], {v})};
  }
};

}  // namespace truestep::bench
