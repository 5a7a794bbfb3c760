// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/nag.hpp>

#include "runs/aliases.hpp"

namespace truestep::aliases {

template <>
inline constexpr std::array of_rule<fast::Nag>{
    OfRule{"nesterov", "", "", "Nesterov's accelerated gradient"}};

}  // namespace truestep::aliases
