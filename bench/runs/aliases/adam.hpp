// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/adam.hpp>

#include "runs/aliases.hpp"

namespace truestep::aliases {

template <>
inline constexpr std::array of_rule<fast::Adam>{
    OfRule{"adamw", "weight_decay_place", "decoupled",
           "with decoupled weight decay, by the convention's amount or --weight-decay"}};

}  // namespace truestep::aliases
