// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/generated/drift_bounds.hpp>
#include <truestep/reference/real.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "format.hpp"

namespace truestep::drift {

using reference::Real;

/// What the drift theorems (the pages of proofs/) say of the states of a run: how far one that is
/// computed in the format, rounded to nearest, may be from exact after `steps` steps from zero, all
/// of whose gradients are at most `largest_gradient` in size and the same as the exact run's.
/// RULE.hpp says which of the functions that were read out of the theorems is a state's.
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

  const Real& u() const { return u_; }
  const Real& eta() const { return eta_; }
  const Real& largest_gradient() const { return g_; }
  std::uint64_t steps() const { return steps_; }

 private:
  Real u_, eta_, g_;
  std::uint64_t steps_;
};

}  // namespace truestep::drift
