// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/adam.lane.hpp>

#include "inputs.hpp"

namespace truestep::proofs {

template <fast::AdamForm form>
Inputs inputs_of(std::type_identity<fast::lane::AdamLane<form>>) {
  Inputs inputs{
      lane_name("adam", {{form.amsgrad, "amsgrad"}, {form.epsilon_in_root, "two_epsilons"}}),
      "adam",
      {weight("w1"), weight("w2"), non_negative("alpha_t"), non_negative("c_t"),
       non_negative("epsilon")},
      {any("m"), non_negative("v")}};
  if (form.epsilon_in_root) inputs.coefficients.push_back(non_negative("epsilon_root"));
  if (form.amsgrad) inputs.states.push_back(non_negative("v_max"));
  return inputs;
}

}  // namespace truestep::proofs
