// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/reference/real.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>

namespace truestep::bench {

using reference::Real;

class Random {
 public:
  double normal() { return std::normal_distribution<double>()(engine_); }
  double sign() { return engine_() % 2 == 0 ? 1 : -1; }
  /// 10^x for x uniform in [low, high].
  double decade(double low, double high) {
    return std::pow(10, std::uniform_real_distribution<double>(low, high)(engine_));
  }

 private:
  std::mt19937_64 engine_{2026};
};

/// What rounding to float takes from x.
inline Real low(const Real& x) { return x - static_cast<float>(x); }

/// The states of one coordinate, then its theta.
template <std::size_t states>
using Coordinate = std::array<Real, states + 1>;

/// What the measurements need to know of a rule: RULE.hpp. With theta negative and the gradient
/// positive, no sum of its step cancels if the first quantity is negative too (`like_theta`) or
/// positive (`like_gradient`), where its sign matters.
template <class Rule>
struct Measured;

}  // namespace truestep::bench
