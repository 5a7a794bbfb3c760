// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "reference.hpp"

namespace truestep::trial {

/// What the states of a map are before the first step.
std::map<std::string, double> states_at_start(const Map&);

}  // namespace truestep::trial
