// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adam.hpp>

#include <cstddef>
#include <optional>

#include "run_theorems.hpp"
#include "theorems.hpp"

namespace truestep::drift {

/// What its drift theorem says: DriftTheorems::bound.
inline std::optional<Real> drift_bound(const DriftTheorems& run, const fast::AdamHyperparameters& h,
                                       std::size_t state, const Real&) {
  const Real &u = run.u(), &eta = run.eta(), &g = run.largest_gradient();
  if (state == 0) return proofs::adam_m<Real>(u, eta, 1 - Real(h.beta1), g);
  const Real w = 1 - Real(h.beta2);
  return state == 1 ? proofs::adam_v<Real>(u, eta, w, g) : proofs::adam_v_max<Real>(u, eta, w, g);
}

/// What its theorem of a run says: RunTheorems::bound.
inline std::optional<Real> run_bound(const RunTheorems& run, const fast::AdamHyperparameters& h) {
  fast::AdamHyperparameters form;
  form.epsilon_frame = h.epsilon_frame;
  fast::AdamHyperparameters amsgrad = form, decoupled = form;
  amsgrad.amsgrad = true;
  decoupled.weight_decay_place = fast::WeightDecay::decoupled;
  decoupled.weight_decay = h.weight_decay;
  if (!run.stores({h.learning_rate, h.epsilon})) return std::nullopt;
  const bool before = h.epsilon_frame == fast::EpsilonFrame::before_correction;
  const auto of = [&](auto corrected, auto raw, const auto&... amount) {
    const auto theorem = before ? raw : corrected;
    return theorem(run.u(), run.eta(), run.limit(), run.k(), h.learning_rate, h.beta1, h.beta2,
                   h.epsilon, amount..., run.largest_gradient(), run.steps(), run.largest_start());
  };
  if (run.has_form(h, form))
    return of(proofs::adam_run<Real>, proofs::adam_before_correction_run<Real>);
  if (run.has_form(h, amsgrad))
    return of(proofs::amsgrad_run<Real>, proofs::amsgrad_before_correction_run<Real>);
  if (!run.has_form(h, decoupled)) return std::nullopt;
  const Real amount = Real(h.learning_rate) * h.weight_decay;
  if (amount > 1 || !run.stores({static_cast<double>(amount)})) return std::nullopt;
  return of(proofs::decoupled_run<Real>, proofs::decoupled_before_correction_run<Real>, amount);
}

}  // namespace truestep::drift
