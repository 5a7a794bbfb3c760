// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control_word.hpp"
#include "kernel.hpp"

/// A kernel's run in a process of its own, so that a crash, a hang and whatever a library does to
/// its process are things to report.
namespace truestep::trial {

/// How an array lies between two pages that nobody may touch: its first byte at the one, aligned to
/// 64 bytes, or its last byte at the other.
enum class Placement { at_start, at_end };

struct Job {
  Setup setup = {};
  std::vector<std::uint64_t> t = {};  ///< of each step
  /// One for each coordinate, the tensors one after the other; so are all rows below.
  std::vector<double> theta = {};
  std::vector<bool> put_back = {};     ///< theta is this again before each step; none where empty
  std::vector<double> gradients = {};  ///< a row for each step
  std::map<std::string, std::vector<double>> states = {};  ///< set before the first step
  std::vector<std::string> shown = {};                     ///< states to look at after each step
  Placement placement = Placement::at_start;

  std::size_t steps() const { return t.size(); }
};

enum class Phase { loading, making, setting, stepping, showing, freeing, done };

struct Run {
  enum class Ending { finished, refused, failed, threw, crashed, hung, left };

  Ending ending = Ending::finished;
  Phase phase = Phase::done;
  std::size_t steps = 0;  ///< that were finished
  int code = 0;           ///< a step's, a signal's or an exit's
  std::string message = {};
  std::vector<double> theta = {};                          ///< a row after each step
  std::map<std::string, std::vector<double>> states = {};  ///< those that were shown at each step
  bool took_states = false;                                ///< all that were to be set
  /// Gradients that a step changed: how many, and one of them.
  std::size_t gradients_written = 0, gradient_step = 0, gradient_coordinate = 0;
  std::string outside = {};  ///< where something was written beside an array, in words
  ControlWord at_first = {}, loaded = {}, stepped = {};
  std::size_t control_step = 0;  ///< the first step that left another control word

  bool finished() const { return ending == Ending::finished; }
};

/// Throws NotLoaded; Interrupted; std::system_error where no process is to be had.
Run drive(Kernel& kernel, const Job& job, std::chrono::milliseconds limit);

/// How a run ended that did not finish, as "crashes (SIGSEGV) in step 3, ...".
std::string ended(const Run& run);

}  // namespace truestep::trial
