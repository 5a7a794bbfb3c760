// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/coefficients/coefficients.hpp>
#include <truestep/reference/real.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "format.hpp"

namespace truestep::drift {

using reference::Real;

/// What the drift theorems (proofs/theory/drift) say of the states of a run: how far one that is
/// computed in the format, rounded to nearest, may be from exact after `steps` steps from zero, all
/// of whose gradients are at most `largest_gradient` in size and the same as the exact run's.
class DriftTheorems {
 public:
  DriftTheorems(const Format& format, const Real& largest_gradient, std::uint64_t steps)
      : u_(pow(Real(2), -format.significand_bits)),
        eta_(pow(Real(2), format.spacing(format.least_exponent) - 1)),
        g_(largest_gradient),
        steps_(steps) {}

  /// @param state  its number in the lane's order
  /// @param exact  its exact value
  /// @return       the bound of |computed - exact|; none where no theorem states one
  template <class Hyperparameters>
  std::optional<Real> bound(const Hyperparameters& h, std::size_t state, const Real& exact) const {
    return drift_bound(*this, h, state, exact);
  }

  // What the theorems of the rules, which are in RULE.hpp, are made of.

  const Real& u() const { return u_; }
  const Real& eta() const { return eta_; }
  const Real& largest_gradient() const { return g_; }
  std::uint64_t steps() const { return steps_; }

  static Real kappa() { return 1 + Real(0x1p-40); }

  /// momentum_drift
  std::optional<Real> velocity(double alpha, double mu) const {
    const Real k = (1 + kappa() * u_) * (1 + u_) * (1 + u_) - 1, rest = 1 - mu * (1 + k);
    if (rest <= 0) return std::nullopt;
    return (k * alpha * g_ / (1 - Real(mu)) + (3 + 2 * u_) * eta_) / rest;
  }

  /// second_moment_drift
  std::optional<Real> mean_square(double beta) const {
    const Real w = 1 - Real(beta), c = 2 + u_ + kappa() * w;
    return decayed_mean(w, c, c * u_ * g_ * g_ + (2 + u_ + (1 + u_) * g_) * eta_);
  }

  /// All theorems on means need c u < w.
  std::optional<Real> decayed_mean(const Real& w, const Real& c, const Real& numerator) const {
    if (w <= c * u_) return std::nullopt;
    return numerator / (w - c * u_);
  }

 private:
  Real u_, eta_, g_;
  std::uint64_t steps_;
};

}  // namespace truestep::drift
