// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/exit_status.hpp"
#include "cli/lines.hpp"

namespace truestep::cli {

template <>
inline RuleLines rule_lines<fast::Momentum>() {
  return {.of_before =
              {"compare momentum pytorch mlx --learning-rate 0.1 --momentum 0.5 --dampening 0.1 "
               "--weight-decay 0.1 --workload constant --steps 1",
               "audit --rule momentum --workload constant --steps 1 --format fp16 --format "
               "11:-14:15:flush --parameter-format float --state-format double --gradient-format "
               "tf32 --coefficient-format float --counter-format fp8-e4m3 --arithmetic-format "
               "double --master-weights double --kahan --rounding stochastic --seed 3 --saturate"},
          .aliases = {{"rules sgd", "sgd is momentum here"},
                      {"audit SGD --workload constant --steps 1", "sgd is momentum here"}},
          .ended = {{"identify momentum --learning-rate 0.01 --momentum 0.9 " + small_run(), no}}};
}

}  // namespace truestep::cli
