// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adagrad.hpp>

#include <cstddef>
#include <optional>

#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& theorems,
                                       const fast::AdagradHyperparameters&, std::size_t,
                                       const Real& exact) {
  const Real &u = theorems.u(), &eta = theorems.eta();
  return (pow(1 + u, Real(theorems.steps())) - 1) * (exact + eta / u);
}

}  // namespace truestep::drift
