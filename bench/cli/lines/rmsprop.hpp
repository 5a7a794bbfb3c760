// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/lines.hpp"

namespace truestep::cli {

template <>
inline RuleLines rule_lines<fast::Rmsprop>() {
  return {.of_before = {
              "rules rmsprop --json",
              "compare rmsprop pytorch pytorch,epsilon_place=inside --steps 2",
              "compare rmsprop pytorch optax --rho 0.8 --epsilon 1e-3 --workload sparse --steps 1",
              "audit --workload constant --workload sparse --rule rmsprop --steps 1 --json"}};
}

}  // namespace truestep::cli
