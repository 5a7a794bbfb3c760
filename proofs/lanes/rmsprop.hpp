// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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

/// What the coefficients are before they are rounded, in the order of the lane.
/// @tparam Number  any number that a formula runs over
template <class Number>
std::vector<Number> exact_coefficients(const fast::RmspropHyperparameters& h, std::uint64_t t) {
  const bool begins = t == 1 && h.start == fast::Start::first_square;
  const bool buffered = h.momentum != 0;
  const bool inside = h.learning_rate_site == fast::LearningRateSite::buffer;
  const Number w = 1 - Number(h.rho), rate(h.learning_rate);
  std::vector<Number> exact{begins ? Number(1) : w, inside || !buffered ? rate : Number(1),
                            Number(h.epsilon)};
  if (h.corrected) {
    const Number correction = 1 - pow(Number(h.rho), Number(t));
    exact.insert(exact.end(), {1 / correction, 1 / sqrt(correction)});
  }
  if (h.centered) exact.push_back(w);
  if (buffered) exact.insert(exact.end(), {Number(h.momentum), inside ? Number(1) : rate});
  add_weight_decay(exact, h);
  return exact;
}

}  // namespace truestep::proofs
