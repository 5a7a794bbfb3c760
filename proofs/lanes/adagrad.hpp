// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/adagrad.lane.hpp>

#include <cstdint>
#include <vector>

#include "inputs.hpp"

namespace truestep::proofs {

template <fast::AdagradForm form>
Inputs inputs_of(std::type_identity<fast::lane::AdagradLane<form>>) {
  Inputs inputs{lane_name("adagrad", {{form.epsilon_outside, "outside"},
                                      {form.no_step_at_zero, "no_step_at_zero"},
                                      {form.averaged, "averaged"},
                                      {form.decays_sum, "decays_sum"}}),
                "adagrad",
                {non_negative("learning_rate"), non_negative("epsilon")},
                {non_negative("sum")}};
  if (form.averaged) {
    inputs.coefficients.push_back(weight("w"));
    inputs.states.push_back(any("v"));
  }
  if (form.decays_sum) inputs.coefficients.push_back(non_negative("weight_decay"));
  return inputs;
}

/// What the coefficients are before they are rounded, in the order of the lane.
/// @tparam Number  any number that a formula runs over
template <class Number>
std::vector<Number> exact_coefficients(const fast::AdagradHyperparameters& h, std::uint64_t t) {
  const Number slowed = 1 + Number(h.first_count + (t - 1)) * Number(h.learning_rate_decay);
  const Number rate = Number(h.learning_rate) / slowed;
  std::vector<Number> exact{rate, Number(h.epsilon)};
  if (h.momentum != 0) exact.push_back(1 - Number(h.momentum));
  if (h.weight_decay != 0 && h.weight_decay_place == fast::WeightDecay::accumulator)
    exact.push_back(Number(h.weight_decay));
  add_weight_decay(exact, h, rate);
  return exact;
}

}  // namespace truestep::proofs
