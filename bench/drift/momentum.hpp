// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/momentum.hpp>

#include <cstddef>
#include <optional>

#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& theorems,
                                       const fast::MomentumHyperparameters& h, std::size_t,
                                       const Real&) {
  return theorems.velocity(h.learning_rate, h.momentum);
}

}  // namespace truestep::drift
