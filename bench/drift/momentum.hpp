// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/momentum.hpp>

#include <cstddef>
#include <optional>

#include "run_theorems.hpp"
#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& run,
                                       const fast::MomentumHyperparameters& h, std::size_t,
                                       const Real&) {
  return proofs::momentum_v<Real>(run.u(), run.eta(), h.momentum, h.learning_rate,
                                  run.largest_gradient());
}

/// What its theorem of a run says: RunTheorems::bound.
inline std::optional<Real> run_bound(const RunTheorems& run,
                                     const fast::MomentumHyperparameters& h) {
  fast::MomentumHyperparameters scaled;
  scaled.learning_rate_site = fast::LearningRateSite::step;
  if (!run.stores({h.momentum, h.learning_rate})) return std::nullopt;
  if (run.has_form(h, {}))
    return proofs::momentum_run<Real>(run.u(), run.eta(), run.limit(), h.momentum, h.learning_rate,
                                      run.largest_gradient(), run.steps(), run.largest_start());
  if (!run.has_form(h, scaled)) return std::nullopt;
  return proofs::scaled_run<Real>(run.u(), run.eta(), run.limit(), h.momentum, 1, h.learning_rate,
                                  run.largest_gradient(), run.steps(), run.largest_start());
}

}  // namespace truestep::drift
