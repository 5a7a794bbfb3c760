// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adadelta.hpp>

#include <cstddef>
#include <optional>

#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& run,
                                       const fast::AdadeltaHyperparameters& h, std::size_t state,
                                       const Real&) {
  if (state == 1) return std::nullopt;
  return proofs::adadelta_s<Real>(run.u(), run.eta(), 1 - Real(h.rho), run.largest_gradient());
}

}  // namespace truestep::drift
