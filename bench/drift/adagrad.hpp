// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adagrad.hpp>

#include <cstddef>
#include <optional>

#include "run_theorems.hpp"
#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& run,
                                       const fast::AdagradHyperparameters&, std::size_t,
                                       const Real& exact) {
  return proofs::adagrad_sum<Real>(run.u(), run.eta(), run.steps(), exact);
}

/// What its theorem of a run says: RunTheorems::bound.
inline std::optional<Real> run_bound(const RunTheorems& run,
                                     const fast::AdagradHyperparameters& h) {
  fast::AdagradHyperparameters outside;
  outside.epsilon_place = fast::EpsilonPlace::outside;
  if (!run.stores({h.learning_rate, h.epsilon})) return std::nullopt;
  const auto of = [&](auto theorem) {
    return theorem(run.u(), run.eta(), run.limit(), h.learning_rate, h.epsilon,
                   run.largest_gradient(), run.steps(), run.largest_start());
  };
  if (run.has_form(h, {})) return of(proofs::adagrad_run<Real>);
  return run.has_form(h, outside) ? of(proofs::adagrad_outside_run<Real>) : std::nullopt;
}

}  // namespace truestep::drift
