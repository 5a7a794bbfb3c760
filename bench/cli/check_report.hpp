// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "check/speed.hpp"
#include "commands.hpp"
#include "output.hpp"

namespace truestep {

/// How the report of a kernel is shown, alike in the commands that have one.
struct ReportOptions {
  std::string only;  ///< what was run; "" for all
  std::string junit;
  bool strict = false, json = false, markdown = false;
  std::string note = {};  ///< what the rule's alias is here; "" for its own name
  std::optional<OutputFile> junit_file = {};
  std::optional<trial::Speed> speed = {};  ///< where it was asked for

  /// Adds --strict, --json, --markdown and --junit.
  void add_to(CLI::App&);
  /// Opens the file that is asked for. Throws OutputFailed, and std::invalid_argument where it is
  /// one of the files that are read.
  void open(std::vector<NamedFile> read);
};

/// Prints and writes a report, and says how the command ends.
ExitStatus show(const trial::Report&, const ReportOptions&, const std::string& command,
                const Invocation&);

}  // namespace truestep
