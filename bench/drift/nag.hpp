// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/nag.hpp>
#include <truestep/fast/lanes/nag.lane.hpp>

#include <array>
#include <cstddef>
#include <optional>

#include "rounded.hpp"
#include "run_theorems.hpp"
#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& run, const fast::NagHyperparameters& h,
                                       std::size_t, const Real&) {
  return proofs::nag_v<Real>(run.u(), run.eta(), h.momentum, h.learning_rate,
                             run.largest_gradient());
}

/// What its theorem of a run says: RunTheorems::bound.
inline std::optional<Real> run_bound(const RunTheorems& run, const fast::NagHyperparameters& h) {
  if (!run.has_form(h, {}) || !run.stores({h.momentum, h.learning_rate})) return std::nullopt;
  return proofs::momentum_run<Real>(run.u(), run.eta(), run.limit(), h.momentum, h.learning_rate,
                                    run.largest_gradient(), run.steps(), run.largest_start());
}

/// The point at which an emulated run takes its gradient.
inline Rounded emulated_look_ahead(const fast::NagHyperparameters&, const Rounded& momentum,
                                   Rounded theta, const Rounded& v) {
  std::array<Rounded, 0> none;
  fast::lane::NagLookAhead::step(std::array{momentum}, theta, none, v, fast::Unobserved());
  return theta;
}

}  // namespace truestep::drift
