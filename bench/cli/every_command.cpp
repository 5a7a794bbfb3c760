// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"

namespace truestep {

std::vector<Command> commands() {
  return {audit_command(), rules_command(), compare_command(), identify_command(),
          check_command(), cases_command(), judge_command()};
}

}  // namespace truestep
