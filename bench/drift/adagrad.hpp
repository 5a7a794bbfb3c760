// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adagrad.hpp>
#include <truestep/fast/lanes/adagrad.hpp>

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
  const fast::AdagradHyperparameters form{.epsilon_place = h.epsilon_place,
                                          .start = h.start,
                                          .initial_accumulator = h.initial_accumulator,
                                          .zero_denominator = h.zero_denominator};
  const double initial = h.start == fast::Start::epsilon ? h.epsilon : h.initial_accumulator;
  if (!run.has_form(h, form) || !run.stores({h.learning_rate, h.epsilon, initial}))
    return std::nullopt;
  const auto of = [&](auto theorem) {
    return theorem(run.u(), run.eta(), run.limit(), h.learning_rate, h.epsilon, initial,
                   run.largest_gradient(), run.steps(), run.largest_start());
  };
  const auto lane = fast::choice(h).form;
  if (!lane.no_step_at_zero)
    return lane.epsilon_outside ? of(proofs::adagrad_outside_run<Real>)
                                : of(proofs::adagrad_run<Real>);
  return lane.epsilon_outside ? std::nullopt : of(proofs::adagrad_no_step_at_zero_run<Real>);
}

}  // namespace truestep::drift
