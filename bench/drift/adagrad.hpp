// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adagrad.hpp>

#include <cstddef>
#include <optional>

#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& run,
                                       const fast::AdagradHyperparameters&, std::size_t,
                                       const Real& exact) {
  return proofs::adagrad_sum<Real>(run.u(), run.eta(), run.steps(), exact);
}

}  // namespace truestep::drift
