// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <vector>

#include <truestep/fast/lanes/rmsprop.lane.hpp>

#include "inputs.hpp"

namespace truestep::proofs {

template <fast::RmspropForm form>
Inputs inputs_of(std::type_identity<fast::lane::RmspropLane<form>>) {
  Inputs inputs{lane_name("rmsprop", {{form.epsilon_outside, "outside"},
                                      {!form.epsilon_outside && !form.epsilon_in_state, "inside"},
                                      {form.corrected, "corrected"},
                                      {form.centered, "centered"},
                                      {form.keeps_negative, "unclamped"},
                                      {form.buffered, "buffered"}}),
                "rmsprop",
                {weight("w"), non_negative(form.buffered ? "push" : "learning_rate"),
                 non_negative("epsilon")},
                {non_negative("s")}};
  const auto add = [](std::vector<Expression>& list, std::initializer_list<Expression> more) {
    list.insert(list.end(), more);
  };
  if (form.corrected) add(inputs.coefficients, {non_negative("k"), non_negative("root_of_k")});
  if (form.centered) {
    add(inputs.coefficients, {weight("w_of_mean")});
    add(inputs.states, {any("mean")});
  }
  if (form.buffered) {
    add(inputs.coefficients, {weight("momentum"), non_negative("pull")});
    add(inputs.states, {any("v")});
  }
  return inputs;
}

}  // namespace truestep::proofs
