// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/nag.lane.hpp>

#include <cstdint>
#include <vector>

#include "momentum.hpp"

namespace truestep::proofs {

inline Inputs inputs_of(std::type_identity<fast::lane::Nag>) {
  return {"nag", "nag", {weight("momentum"), non_negative("learning_rate")}, {any("v")}};
}

inline Inputs inputs_of(std::type_identity<fast::lane::NagLookAhead>) {
  return {"nag_look_ahead", "nag_look_ahead", {weight("momentum")}, {}, any("v")};
}

/// What the coefficients are before they are rounded, in the order of the lane.
/// @tparam Number  any number that a formula runs over
template <class Number>
std::vector<Number> exact_coefficients(const fast::NagHyperparameters& h, std::uint64_t t) {
  if (h.nesterov == fast::NesterovForm::look_ahead)
    return exact_coefficients<Number>(
        fast::MomentumHyperparameters{.learning_rate = h.learning_rate,
                                      .momentum = h.momentum,
                                      .dampening = h.dampening,
                                      .learning_rate_site = h.learning_rate_site,
                                      .first_buffer = h.first_buffer,
                                      .weight_decay_place = h.weight_decay_place,
                                      .weight_decay = h.weight_decay,
                                      .weight_decay_scale = h.weight_decay_scale},
        t);
  const bool begins = t == 1 && h.first_buffer == fast::FirstBuffer::gradient;
  const Number momentum(h.momentum), rate(h.learning_rate);
  const Number gain = begins ? Number(1) : 1 - Number(h.dampening);
  const bool squared = h.nesterov == fast::NesterovForm::squared_momentum;
  const Number p = squared ? momentum * momentum : momentum;
  const Number q = squared ? -(1 + momentum) * rate : -rate;
  const bool inside = h.learning_rate_site == fast::LearningRateSite::buffer;
  std::vector<Number> exact{begins ? Number(0) : momentum, inside ? -rate * gain : gain};
  const bool plain = h.dampening == 0 && h.first_buffer == fast::FirstBuffer::recurrence;
  if (squared || !inside || !plain) exact.insert(exact.end(), {inside ? p : -rate * p, q});
  add_weight_decay(exact, h);
  return exact;
}

/// The same of the look-ahead point's.
template <class Number>
Number exact_look_ahead_factor(const fast::NagHyperparameters& h) {
  const Number momentum(h.momentum);
  return h.learning_rate_site == fast::LearningRateSite::buffer
             ? momentum
             : -Number(h.learning_rate) * momentum;
}

}  // namespace truestep::proofs
