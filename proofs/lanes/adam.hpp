// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/adam.lane.hpp>

#include "inputs.hpp"

namespace truestep::proofs {

template <fast::AdamForm form>
Inputs inputs_of(std::type_identity<fast::lane::AdamLane<form>>) {
  const bool ordinary = !form.ahead && !form.largest_corrected;
  Inputs inputs{lane_name("adam", {{form.amsgrad, "amsgrad"},
                                   {form.largest_corrected, "of_corrected"},
                                   {form.ahead, "ahead"},
                                   {form.epsilon_in_root && ordinary, "two_epsilons"},
                                   {form.decays_after, "decays_after"}}),
                form.ahead || form.decays_after ? "adam_further" : "adam",
                {weight("w1"), weight("w2")},
                {any("m"), non_negative("v")}};
  const auto add = [&](std::initializer_list<Expression> more) {
    inputs.coefficients.insert(inputs.coefficients.end(), more);
  };
  if (form.ahead)
    add({non_negative("p"), non_negative("q")});
  else
    add({non_negative("alpha_t")});
  add({non_negative("c_t"), non_negative("epsilon")});
  if (form.epsilon_in_root) add({non_negative("epsilon_root")});
  if (form.decays_after) add({weight("amount")});
  if (form.amsgrad) inputs.states.push_back(non_negative("v_max"));
  return inputs;
}

}  // namespace truestep::proofs
