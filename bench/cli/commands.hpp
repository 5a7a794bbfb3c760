// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exit_status.hpp"

namespace CLI {
class App;
}

namespace truestep {

/// How the program was called, so that what it did can be done again.
struct Invocation {
  std::string program;
  std::string arguments;  ///< of the command, as a shell takes them
};

/// One of the program's commands.
struct Command {
  std::string name;
  std::string operands;  ///< as its usage shows them
  std::shared_ptr<CLI::App> app;
  std::function<ExitStatus(const Invocation&)> run;
  std::function<std::string()> explanation;  ///< what --explain prints
};

/// Those that this program has: every_command.cpp, or audit_alone.cpp.
std::vector<Command> commands();

Command audit_command();
Command rules_command();
Command compare_command();
Command identify_command();
Command check_command();
Command cases_command();
Command judge_command();

}  // namespace truestep
