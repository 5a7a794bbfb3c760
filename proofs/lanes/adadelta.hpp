// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/adadelta.lane.hpp>

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

}  // namespace truestep::proofs
