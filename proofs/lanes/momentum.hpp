// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/momentum.lane.hpp>

#include <cstdint>
#include <vector>

#include "inputs.hpp"

namespace truestep::proofs {

template <fast::MomentumForm form>
Inputs inputs_of(std::type_identity<fast::lane::MomentumLane<form>>) {
  switch (form.move) {
    case fast::Move::buffer:
      return {
          "momentum", "momentum", {weight("momentum"), non_negative("learning_rate")}, {any("v")}};
    case fast::Move::scaled_buffer:
      return {"momentum_scaled",
              "momentum",
              {weight("momentum"), any("gain"), non_negative("learning_rate")},
              {any("v")}};
    case fast::Move::nesterov:
      return {"momentum_nesterov", "momentum", {weight("momentum"), any("gain")}, {any("v")}};
    default:
      return {"momentum_sum",
              "momentum",
              {weight("momentum"), any("gain"), any("p"), any("q")},
              {any("v")}};
  }
}

/// What the coefficients are before they are rounded, in the order of the lane.
/// @tparam Number  any number that a formula runs over
template <class Number>
std::vector<Number> exact_coefficients(const fast::MomentumHyperparameters& h, std::uint64_t t) {
  const bool begins = t == 1 && h.first_buffer == fast::FirstBuffer::gradient;
  const Number gain = begins ? Number(1) : 1 - Number(h.dampening);
  std::vector<Number> exact{begins ? Number(0) : Number(h.momentum)};
  if (h.learning_rate_site == fast::LearningRateSite::buffer)
    exact.push_back(Number(h.learning_rate) * gain);
  else
    exact.insert(exact.end(), {gain, Number(h.learning_rate)});
  add_weight_decay(exact, h);
  return exact;
}

}  // namespace truestep::proofs
