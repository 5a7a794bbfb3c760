// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/momentum.hpp>

#include "nag.hpp"

namespace truestep::identify {

inline const char* what_no_record_tells(const fast::MomentumHyperparameters&) {
  return momentum_or_look_ahead;
}

}  // namespace truestep::identify
