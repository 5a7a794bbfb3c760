// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/nag.hpp>
#include <truestep/fast/lanes/nag.hpp>
#include <truestep/fast/lanes/nag.lane.hpp>

#include <array>
#include <cstddef>
#include <optional>

#include "momentum.hpp"
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

/// What its theorem of a run says: RunTheorems::bound. The gradients are given.
inline std::optional<Real> run_bound(const RunTheorems& run, const fast::NagHyperparameters& h) {
  fast::NagHyperparameters form = form_of_run(h);
  form.nesterov = h.nesterov;
  if (!run.has_form(h, form)) return std::nullopt;
  if (h.nesterov == fast::NesterovForm::look_ahead) return bound_by_buffer(run, h);

  const bool inside = h.learning_rate_site == fast::LearningRateSite::buffer;
  const bool squared = h.nesterov == fast::NesterovForm::squared_momentum;
  const bool begins = begins_with_gradient(h);
  const Real rate = h.learning_rate, mu = h.momentum;
  const Real first = inside ? -rate : Real(1), gain = first * (1 - Real(h.dampening));
  const Real of_buffer = squared ? mu * mu : mu;
  const Real p = inside ? of_buffer : -rate * of_buffer;
  const Real q = -rate * (squared ? 1 + mu : Real(1));
  for (const Real& x : {mu, first, gain, p, q, Real(h.weight_decay)})
    if (!run.stores({static_cast<double>(abs(x))})) return std::nullopt;

  const auto of = [&](auto theorem, const auto&... numbers) {
    return theorem(run.u(), run.eta(), run.limit(), mu, numbers..., run.largest_gradient(),
                   run.steps(), run.largest_start());
  };
  const Real largest = abs(begins ? first : gain), decay = h.weight_decay;
  if (fast::choice(h).form.move == fast::Move::nesterov)
    return decays_in_gradient(h) ? of(proofs::decayed_nesterov_run<Real>, largest, decay)
                                 : of(proofs::nesterov_run<Real>, gain);
  if (decays_in_gradient(h))
    return of(proofs::decayed_sum_run<Real>, largest, Real(abs(p)), Real(abs(q)), decay);
  return begins ? of(proofs::begun_sum_run<Real>, first, gain, p, q)
                : of(proofs::weighted_sum_run<Real>, gain, p, q);
}

/// The point at which an emulated run takes its gradient.
inline Rounded emulated_look_ahead(const fast::NagHyperparameters&, const Rounded& momentum,
                                   Rounded theta, const Rounded& v) {
  std::array<Rounded, 0> none;
  fast::lane::NagLookAhead::step(std::array{momentum}, theta, none, v, fast::Unobserved());
  return theta;
}

}  // namespace truestep::drift
