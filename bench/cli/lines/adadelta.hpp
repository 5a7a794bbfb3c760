// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/lines.hpp"

namespace truestep::cli {

template <>
inline RuleLines rule_lines<fast::Adadelta>() {
  return {.of_before = {"rules adadelta --convention keras3",
                        "audit --rule adadelta --workload constant --steps 1"}};
}

}  // namespace truestep::cli
