// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "output.hpp"
#include "runs/record.hpp"
#include "runs/workload.hpp"

namespace truestep {

/// The integer that is typed. Throws std::invalid_argument unless it lies in [least, most].
std::uint64_t integer(const std::string& option, const std::string& typed, std::uint64_t least,
                      std::uint64_t most);

/// The command that was given.
std::string rerun_of(const std::string& command, const Invocation&,
                     const std::string& more_arguments = {});

/// Where a run's gradients come from, and for how many steps: --workload, --grads, --params and
/// --steps, alike in all commands that train.
struct Source {
  enum class Workloads { one, several };

  std::vector<std::string> workloads;  ///< the command's own unless given
  std::string gradients, parameters;   ///< files, or ""
  std::uint64_t steps = 1000;
  bool has_steps = false;
  std::string note = {};  ///< where fewer steps are recorded than were asked for

  void add_to(CLI::App& command, Workloads);
  /// What is recorded, if anything is; of some columns where a rank has opened it.
  std::shared_ptr<drift::Record> record = {};

  /// Opens what is recorded. All of its steps are taken, unless fewer are asked for. Throws for a
  /// file that cannot be taken.
  void check();
  /// The same of one of several ranks, which has looked at nothing yet.
  ///
  /// @param unit  columns that are not told apart
  void check(std::size_t rank, std::size_t ranks, std::size_t unit);
  /// What is read, nothing where nothing is.
  std::vector<NamedFile> files() const;
  /// One workload, or the recorded gradients, at the beginning.
  std::unique_ptr<drift::Workload> opened() const;
  /// The command that was given, with the number of steps even where it was not.
  std::string rerun(const std::string& command, const Invocation&) const;

 private:
  void take(std::shared_ptr<drift::Record> opened);
};

}  // namespace truestep
