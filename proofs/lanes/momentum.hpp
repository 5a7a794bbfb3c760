// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/momentum.lane.hpp>

#include "inputs.hpp"

namespace truestep::proofs {

template <fast::MomentumForm form>
Inputs inputs_of(std::type_identity<fast::lane::MomentumLane<form>>) {
  switch (form.move) {
    case fast::Move::buffer:
      return {
          "momentum", "momentum", {weight("momentum"), non_negative("learning_rate")}, {any("v")}};
    case fast::Move::scaled_buffer:
      return {"momentum_scaled",
              "momentum",
              {weight("momentum"), any("gain"), non_negative("learning_rate")},
              {any("v")}};
    case fast::Move::nesterov:
      return {"momentum_nesterov", "momentum", {weight("momentum"), any("gain")}, {any("v")}};
    default:
      return {"momentum_sum",
              "momentum",
              {weight("momentum"), any("gain"), any("p"), any("q")},
              {any("v")}};
  }
}

}  // namespace truestep::proofs
