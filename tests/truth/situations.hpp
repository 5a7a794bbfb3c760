// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "support/situation.hpp"

namespace truestep::test {

/// What all gradients of a rule are tried from.
const std::vector<Situation>& situations(const std::string& rule);

}  // namespace truestep::test
