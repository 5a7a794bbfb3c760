// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "examine.hpp"

namespace truestep::trial {

/// What is asked of a kernel: the convention as it is typed, "pytorch,epsilon=1e-3", or the lecture
/// note's where that is "", with what is given besides. Throws std::invalid_argument for a name
/// that is none, a value outside its range, and what is given twice.
Request declared(const std::string& rule, std::string_view typed,
                 const settings::Given& besides = {});

/// The one rule that has an optimizer class of that name. Throws std::invalid_argument where none
/// has, or several.
std::string rule_of_class(std::string_view name);

}  // namespace truestep::trial
