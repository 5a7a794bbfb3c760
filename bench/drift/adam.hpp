// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adam.hpp>

#include <cstddef>
#include <optional>

#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& run, const fast::AdamHyperparameters& h,
                                       std::size_t state, const Real&) {
  const Real &u = run.u(), &eta = run.eta(), &g = run.largest_gradient();
  if (state == 0) return proofs::adam_m<Real>(u, eta, 1 - Real(h.beta1), g);
  const Real w = 1 - Real(h.beta2);
  return state == 1 ? proofs::adam_v<Real>(u, eta, w, g) : proofs::adam_v_max<Real>(u, eta, w, g);
}

}  // namespace truestep::drift
