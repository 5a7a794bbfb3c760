// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/lines.hpp"

namespace truestep::cli {

template <>
inline RuleLines rule_lines<fast::Adagrad>() {
  return {.of_before = {"rules adagrad --convention keras3",
                        "audit --rule adagrad --workload constant --steps 1"}};
}

}  // namespace truestep::cli
