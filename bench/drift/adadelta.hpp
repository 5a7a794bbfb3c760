// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adadelta.hpp>

#include <cstddef>
#include <optional>

#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& theorems,
                                       const fast::AdadeltaHyperparameters& h, std::size_t state,
                                       const Real&) {
  if (state == 1) return std::nullopt;
  return theorems.mean_square(h.rho);
}

}  // namespace truestep::drift
