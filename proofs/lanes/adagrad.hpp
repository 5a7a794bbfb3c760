// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/adagrad.lane.hpp>

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

}  // namespace truestep::proofs
