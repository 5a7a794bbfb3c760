// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/adadelta.lane.hpp>

#include <cstdint>
#include <vector>

#include "inputs.hpp"

namespace truestep::proofs {

template <fast::AdadeltaForm form>
Inputs inputs_of(std::type_identity<fast::lane::AdadeltaLane<form>>) {
  Inputs inputs{lane_name("adadelta", {{form.scaled && !form.accumulates_scaled, "scaled"},
                                       {form.accumulates_scaled, "accumulates_scaled"}}),
                "adadelta",
                {weight("w"), non_negative("epsilon")},
                {non_negative("s"), non_negative("u")}};
  if (form.scaled) inputs.coefficients.push_back(non_negative("learning_rate"));
  return inputs;
}

/// What the coefficients are before they are rounded, in the order of the lane.
/// @tparam Number  any number that a formula runs over
template <class Number>
std::vector<Number> exact_coefficients(const fast::AdadeltaHyperparameters& h, std::uint64_t) {
  std::vector<Number> exact{1 - Number(h.rho), Number(h.epsilon)};
  if (h.learning_rate != 1) exact.push_back(Number(h.learning_rate));
  add_weight_decay(exact, h);
  return exact;
}

}  // namespace truestep::proofs
