// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "description.hpp"
#include "record.hpp"

namespace truestep::identify {

/// What to change in a run that does not tell two descriptions apart. Its first steps show it, or
/// nothing is said.
std::string what_would_tell(const Description&, const Description&, const Record&);

}  // namespace truestep::identify
