#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace truestep {

/// What a command may exit with.
enum ExitStatus {
  within_bounds = 0,
  bound_exceeded = 1,
  bad_usage = 2,
  over_budget = 3,
  interrupted = 130  ///< by Ctrl-C, as a shell reports it
};

/// A subcommand: where it is parsed, and what it does then, which returns the exit status.
struct Command {
  CLI::App* parsed_by;
  std::function<int()> run;
};

/// @param program  as the user called it, for the command that reruns what was run
Command add_audit(CLI::App& app, const std::string& program);

Command add_rules(CLI::App& app);
Command add_compare(CLI::App& app, const std::string& program);
Command add_identify(CLI::App& app);

}  // namespace truestep
