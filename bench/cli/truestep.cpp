// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "output.hpp"
#include "runs/escaped.hpp"
#include "runs/names.hpp"
#include "runs/version.hpp"

namespace truestep {
namespace {

/// Options that every command answers whatever else is asked of it.
void add_general_options(CLI::App& app) {
  app.set_help_flag();
  for (const auto& [name, help] : {std::pair{"-h,--help", "Print this and exit"},
                                   {"--explain", "Print what the columns mean and exit"},
                                   {"--version", "Print the version and exit"}})
    app.add_flag(name, help)->group("General");
}

/// The first of them that is asked for, "" where none is.
std::string general_option(std::span<const std::string> arguments) {
  for (const auto& argument : arguments) {
    if (argument == "-h") return "help";
    if (!argument.starts_with("--")) continue;
    const auto name = names::normal(argument.substr(2));
    for (const char* general : {"help", "explain", "version"})
      if (name == general) return name;
  }
  return "";
}

void print_version() { print(fmt::format("truestep {}\n", version())); }

class Program {
 public:
  explicit Program(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
    for (auto& command : commands_) add_general_options(*command.app);
  }

  /// Who speaks in an error message.
  const std::string& speaker() const { return speaker_; }

  ExitStatus run() {
    const auto status = answered();
    finish_printing();
    return status;
  }

 private:
  ExitStatus answered() {
    std::vector<std::string> names;
    for (const auto& command : commands_) names.push_back(command.name);
    if (arguments_.size() < 2)
      throw std::invalid_argument(
          fmt::format("a command is missing: one of {{{}}}", names::joined(names, ", ")));
    if (arguments_[1].starts_with("-")) return answered_in_general();
    const auto& command = commands_[names::index_among(names, "command", arguments_[1])];
    speaker_ = command.name;
    return answered_by(command, {arguments_.begin() + 2, arguments_.end()});
  }

  ExitStatus answered_in_general() const {
    keep_standard_streams();
    const auto asked = general_option(std::span(arguments_).subspan(1, 1));
    if (asked.empty())
      throw std::invalid_argument(
          fmt::format("{} is not an option of truestep: give a command first", arguments_[1]));
    asked == "version" ? print_version() : print(help(commands_));
    return yes;
  }

  ExitStatus answered_by(const Command& command, const std::vector<std::string>& typed) const {
    keep_standard_streams();
    if (const auto asked = general_option(typed); !asked.empty()) {
      asked == "version" ? print_version()
                         : print(asked == "help" ? help(command) : command.explanation());
      return yes;
    }
    auto arguments = normalised(*command.app, typed);
    const Invocation invocation{arguments_[0], quoted(arguments)};
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    command.app->parse(arguments);
    return command.run(invocation);
  }

  std::vector<std::string> arguments_;
  std::vector<Command> commands_ = commands();
  std::string speaker_ = "truestep";
};

ExitStatus run(Program& program) {
  const auto complain = [&](const char* what, ExitStatus status) {
    std::fputs(fmt::format("{}: {}\n", program.speaker(), visible(what, "\n")).c_str(), stderr);
    return status;
  };
  try {
    return program.run();
  } catch (const OutputFailed& error) {
    return complain(error.what(), failed);
  } catch (const std::bad_alloc&) {
    return complain("memory is used up", failed);
  } catch (const std::system_error& error) {
    return complain(error.what(), failed);
  } catch (const std::exception& error) {
    return complain(error.what(), bad_usage);
  }
}

}  // namespace
}  // namespace truestep

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // so that a reader who leaves is an error like any other
  std::signal(SIGINT, [](int) { _exit(truestep::interrupted); });
  truestep::Program program({argv, argv + argc});
  return truestep::run(program);
}
