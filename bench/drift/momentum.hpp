// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/momentum.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
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

/// The choices about which a theorem of a run speaks, whatever the dampening, the first buffer and
/// the place of the learning rate: no weight decay, or weight decay in the gradient.
template <class Hyperparameters>
Hyperparameters form_of_run(const Hyperparameters& h) {
  Hyperparameters form;
  form.dampening = h.dampening;
  form.learning_rate_site = h.learning_rate_site;
  form.first_buffer = h.first_buffer;
  if (h.weight_decay_place == fast::WeightDecay::gradient) {
    form.weight_decay_place = h.weight_decay_place;
    form.weight_decay = h.weight_decay;
    form.weight_decay_time = h.weight_decay_time;
    form.weight_decay_scale = h.weight_decay_scale;
  }
  return form;
}

template <class Hyperparameters>
bool decays_in_gradient(const Hyperparameters& h) {
  return h.weight_decay_place == fast::WeightDecay::gradient && h.weight_decay != 0;
}

template <class Hyperparameters>
bool begins_with_gradient(const Hyperparameters& h) {
  return h.first_buffer == fast::FirstBuffer::gradient;
}

/// What the theorems say where theta moves by the buffer, or by the learning rate times the buffer.
template <class Hyperparameters>
std::optional<Real> bound_by_buffer(const RunTheorems& run, const Hyperparameters& h) {
  const Real rate = h.learning_rate, mu = h.momentum, undampened = 1 - Real(h.dampening);
  const bool begins = begins_with_gradient(h);
  const auto of = [&](auto theorem, const auto&... numbers) {
    return theorem(run.u(), run.eta(), run.limit(), mu, numbers..., run.largest_gradient(),
                   run.steps(), run.largest_start());
  };
  const auto stores = [&](std::initializer_list<Real> numbers) {
    return std::all_of(numbers.begin(), numbers.end(),
                       [&](const Real& x) { return run.stores({static_cast<double>(x)}); });
  };
  if (!stores({mu, rate, undampened, Real(h.weight_decay)})) return std::nullopt;
  if (h.learning_rate_site == fast::LearningRateSite::buffer) {
    const Real later = rate * undampened;
    if (!stores({later})) return std::nullopt;
    if (decays_in_gradient(h))
      return of(proofs::decayed_buffer_run<Real>, begins ? rate : later, Real(h.weight_decay));
    return begins ? of(proofs::begun_run<Real>, rate, later)
                  : of(proofs::momentum_run<Real>, later);
  }
  if (decays_in_gradient(h))
    return of(proofs::decayed_scaled_run<Real>, begins ? Real(1) : undampened, rate,
              Real(h.weight_decay));
  return begins ? of(proofs::begun_scaled_run<Real>, undampened, rate)
                : of(proofs::scaled_run<Real>, undampened, rate);
}

/// What its theorem of a run says: RunTheorems::bound.
inline std::optional<Real> run_bound(const RunTheorems& run,
                                     const fast::MomentumHyperparameters& h) {
  if (!run.has_form(h, form_of_run(h))) return std::nullopt;
  return bound_by_buffer(run, h);
}

}  // namespace truestep::drift
