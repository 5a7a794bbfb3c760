// SPDX-License-Identifier: Apache-2.0
#pragma once

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
  using enum fast::EpsilonPlace;
  if (!run.stores({h.learning_rate, h.epsilon})) return std::nullopt;
  const auto of = [&](auto theorem, fast::EpsilonPlace place) -> std::optional<Real> {
    for (const auto start : {fast::Start::first_square, fast::Start::constant})
      if (run.has_form(h, {.epsilon_place = place, .start = start}))
        return theorem(run.u(), run.eta(), run.limit(), h.rho, h.learning_rate, h.epsilon,
                       run.largest_gradient(), run.steps(), run.largest_start());
    return std::nullopt;
  };
  if (const auto bound = of(proofs::rmsprop_run<Real>, in_state)) return bound;
  if (const auto bound = of(proofs::rmsprop_inside_run<Real>, inside)) return bound;
  return of(proofs::rmsprop_outside_run<Real>, outside);
}

}  // namespace truestep::drift
