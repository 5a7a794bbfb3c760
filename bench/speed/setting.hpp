// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace truestep::speed {

/// What the figures depend on, by name: processor, target, and who made the peers.
std::vector<std::pair<std::string, std::string>> setting();

}  // namespace truestep::speed
