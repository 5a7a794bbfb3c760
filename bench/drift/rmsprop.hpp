// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/rmsprop.hpp>

#include <cstddef>
#include <optional>

#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& run,
                                       const fast::RmspropHyperparameters& h, std::size_t,
                                       const Real&) {
  return proofs::rmsprop_s<Real>(run.u(), run.eta(), 1 - Real(h.rho), h.epsilon,
                                 run.largest_gradient());
}

}  // namespace truestep::drift
