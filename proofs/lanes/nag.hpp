// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/nag.lane.hpp>

#include "inputs.hpp"

namespace truestep::proofs {

inline Inputs inputs_of(std::type_identity<fast::lane::Nag>) {
  return {"nag", "nag", {weight("momentum"), non_negative("learning_rate")}, {any("v")}};
}

inline Inputs inputs_of(std::type_identity<fast::lane::NagLookAhead>) {
  return {"nag_look_ahead", "nag_look_ahead", {weight("momentum")}, {}, any("v")};
}

}  // namespace truestep::proofs
