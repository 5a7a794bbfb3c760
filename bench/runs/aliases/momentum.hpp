// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/momentum.hpp>

#include "runs/aliases.hpp"

namespace truestep::aliases {

template <>
inline constexpr std::array of_rule<fast::Momentum>{
    OfRule{"sgd", "", "", "gradient descent with momentum; --momentum 0 for none"}};

}  // namespace truestep::aliases
