// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/lines.hpp"

namespace truestep::cli {

template <>
inline RuleLines rule_lines<fast::Nag>() {
  return {.of_before = {"audit --rule nag --learning-rate 0.1 --momentum 0.5 --workload constant "
                        "--steps 1 --closed-loop"},
          .aliases = {{"rules nesterov", "nesterov is nag here"}}};
}

}  // namespace truestep::cli
