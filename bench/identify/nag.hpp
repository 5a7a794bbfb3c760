// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/nag.hpp>

#include "look_ahead.hpp"

namespace truestep::identify {

inline constexpr const char* momentum_or_look_ahead =
    "no record tells momentum from NAG whose gradients were taken at the look-ahead point: given "
    "the "
    "gradients, they are one map";

inline const char* what_no_record_tells(const fast::NagHyperparameters& h) {
  return h.nesterov == fast::NesterovForm::look_ahead ? momentum_or_look_ahead : nullptr;
}

}  // namespace truestep::identify
