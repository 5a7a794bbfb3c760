// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adam.hpp>

#include <cstddef>
#include <optional>

#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& theorems,
                                       const fast::AdamHyperparameters& h, std::size_t state,
                                       const Real&) {
  if (state == 1) return theorems.mean_square(h.beta2);
  const Real &u = theorems.u(), &eta = theorems.eta(), &g = theorems.largest_gradient();
  const Real w = 1 - Real(h.beta1), c = 2 + u + 2 * DriftTheorems::kappa() * w;
  return theorems.decayed_mean(w, c, c * u * g + (2 + u) * eta);
}

}  // namespace truestep::drift
