// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/adam.lane.hpp>

#include <cstdint>
#include <vector>

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

/// What the coefficients are before they are rounded, in the order of the lane.
/// @tparam Number  any number that a formula runs over
template <class Number>
std::vector<Number> exact_coefficients(const fast::AdamHyperparameters& h, std::uint64_t t) {
  const std::uint64_t n = h.first_power + (t - 1) * h.counter_stride;
  const auto correction = [](bool corrects, double beta, std::uint64_t power) {
    return corrects && power > 0 ? 1 - pow(Number(beta), Number(power)) : Number(1);
  };
  const Number of_m = correction(h.corrects_m, h.beta1, n);
  const Number of_v = correction(h.corrects_v, h.beta2, n);
  const bool before = h.epsilon_frame == fast::EpsilonFrame::before_correction;
  const bool ahead = h.moment_ahead != fast::MomentAhead::none;
  const bool largest = h.amsgrad && h.largest_of == fast::LargestOf::corrected;
  const bool in_root = h.epsilon_root != 0 || ahead || largest;
  std::vector<Number> exact{1 - Number(h.beta1) * pow(Number(h.beta1_decay), Number(t - 1)),
                            1 - Number(h.beta2)};
  const Number rate(h.learning_rate), beta1(h.beta1), epsilon(h.epsilon), root(h.epsilon_root);
  if (ahead) {
    const bool own = h.moment_ahead == fast::MomentAhead::own_corrections;
    const Number of_next_m = correction(h.corrects_m, h.beta1, n + h.counter_stride);
    exact.push_back(rate * beta1 / (own ? of_next_m : of_m));
    exact.push_back(rate * (1 - beta1) / of_m);
  } else {
    exact.push_back(rate / of_m);
  }
  exact.push_back(in_root ? 1 / of_v : 1 / sqrt(of_v));
  exact.push_back(before ? epsilon / sqrt(of_v) : epsilon);
  if (in_root) exact.push_back(before ? root / of_v : root);
  add_weight_decay(exact, h);
  return exact;
}

}  // namespace truestep::proofs
