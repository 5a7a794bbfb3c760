// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "examine.hpp"

namespace truestep::trial {

/// What `truestep check --explain` says of --json, but for the version.
///
/// @param strict  whether what is noted counts as wrong
/// @param rerun   what runs a finding's `only` again, or all where that is ""
nlohmann::ordered_json as_json(const Report&, bool strict,
                               const std::function<std::string(const std::string& only)>& rerun);

}  // namespace truestep::trial
