// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adadelta.hpp>
#include <truestep/fast/lanes/adadelta.hpp>

#include <cstddef>
#include <optional>

#include "run_theorems.hpp"
#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& run,
                                       const fast::AdadeltaHyperparameters& h, std::size_t state,
                                       const Real&) {
  if (state == 1) return std::nullopt;
  return proofs::adadelta_s<Real>(run.u(), run.eta(), 1 - Real(h.rho), run.largest_gradient());
}

/// What its theorem of a run says: RunTheorems::bound.
inline std::optional<Real> run_bound(const RunTheorems& run,
                                     const fast::AdadeltaHyperparameters& h) {
  const fast::AdadeltaHyperparameters form{.learning_rate = h.learning_rate};
  if (!run.has_form(h, form) || h.rho == 0 || h.epsilon == 0 ||
      !run.stores({h.epsilon, h.learning_rate}))
    return std::nullopt;
  const Real rho = h.rho, epsilon = h.epsilon, &g = run.largest_gradient();
  // The theorem is about any z that is no less than these.
  const Real z = std::max({Real(run.u() + run.eta() / proofs::adadelta_run_adadelta_floor<Real>(
                                                          rho, epsilon, g, run.steps())),
                           run.k(), Real(run.k() * (1 - rho) / rho)}) *
                 (1 + pow(Real(2), -64));
  if (fast::choice(h).form.scaled)
    return proofs::adadelta_scaled_run<Real>(run.u(), run.eta(), run.limit(), z, rho, epsilon,
                                             h.learning_rate, g, run.steps(),
                                             run.largest_start());
  return proofs::adadelta_run<Real>(run.u(), run.eta(), run.limit(), z, rho, epsilon, g,
                                    run.steps(), run.largest_start());
}

}  // namespace truestep::drift
