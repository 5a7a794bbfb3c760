// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/rmsprop.hpp>
#include <truestep/fast/rmsprop.hpp>

#include <cstddef>
#include <optional>

#include "run_theorems.hpp"
#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& run,
                                       const fast::RmspropHyperparameters& h, std::size_t,
                                       const Real&) {
  return proofs::rmsprop_s<Real>(run.u(), run.eta(), 1 - Real(h.rho), h.epsilon,
                                 run.largest_gradient());
}

/// What its theorem of a run says: RunTheorems::bound.
inline std::optional<Real> run_bound(const RunTheorems& run,
                                     const fast::RmspropHyperparameters& h) {
  const bool forgets = h.start == fast::Start::first_square;
  const double initial = h.start == fast::Start::epsilon ? h.epsilon : h.initial_accumulator;
  if (!run.stores({h.learning_rate, h.epsilon, initial})) return std::nullopt;
  // What means nothing without a buffer, and without a centered variance. A first step that forgets
  // the start has a theorem from 0 alone.
  fast::RmspropHyperparameters form{.epsilon_place = h.epsilon_place,
                                    .start = h.start,
                                    .initial_accumulator = forgets ? 0 : h.initial_accumulator,
                                    .negative_variance = h.negative_variance,
                                    .nesterov_trace = h.nesterov_trace,
                                    .learning_rate_site = h.learning_rate_site};
  if (!run.has_form(h, form)) return std::nullopt;
  const auto of = [&](auto theorem) {
    return theorem(run.u(), run.eta(), run.limit(), h.rho, h.learning_rate, h.epsilon,
                   run.largest_gradient(), initial, run.steps(), run.largest_start());
  };
  const auto lane = fast::choice(h).form;
  if (lane.epsilon_in_state) return of(proofs::rmsprop_run<Real>);
  return lane.epsilon_outside ? of(proofs::rmsprop_outside_run<Real>)
                              : of(proofs::rmsprop_inside_run<Real>);
}

}  // namespace truestep::drift
