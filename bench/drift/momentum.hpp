// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/momentum.hpp>

#include <cstddef>
#include <optional>

#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& run,
                                       const fast::MomentumHyperparameters& h, std::size_t,
                                       const Real&) {
  return proofs::momentum_v<Real>(run.u(), run.eta(), h.momentum, h.learning_rate,
                                  run.largest_gradient());
}

}  // namespace truestep::drift
