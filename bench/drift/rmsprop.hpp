// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/rmsprop.hpp>

#include <cstddef>
#include <optional>

#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& theorems,
                                       const fast::RmspropHyperparameters& h, std::size_t,
                                       const Real&) {
  const Real &u = theorems.u(), &eta = theorems.eta(), &g = theorems.largest_gradient();
  const Real kappa = DriftTheorems::kappa();
  const Real w = 1 - Real(h.rho), square = (1 + u) * (1 + u);
  const Real largest = g * g + h.epsilon / w;
  const Real c = 2 + u + ((square + 1) * (1 + kappa * u) + 2 * kappa) * w;
  return theorems.decayed_mean(w, c, c * u * largest + (square * g + 3 + 2 * u) * eta);
}

}  // namespace truestep::drift
