// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kernel.hpp"
#include "reference.hpp"

/// Anybody's kernel under test: bench/cli/check_command.cpp is its command.
namespace truestep::trial {

struct Request {
  Map map = {};            ///< what the kernel is said to be
  NumberList pinned = {};  ///< numbers that it is given in every run; others are chosen
  Storage format = {};
  std::uint64_t seed = 1;
  std::size_t trials = 4;  ///< how many runs of each kind are drawn
  std::chrono::milliseconds limit = std::chrono::seconds(20);  ///< for a run
  std::string only = {};  ///< a section, a run, or a run/coordinate; all where ""
};

struct Finding {
  std::string section;
  std::string kind;  ///< "not_stored", "habit", ...
  std::string text;
  bool wrong = true;                    ///< whether the kernel fails for it; else it is noted
  std::vector<std::string> input = {};  ///< of its first case, a line each
  std::string only = {};                ///< what runs that case alone
};

struct Section {
  std::string name, said;
};

/// The result that is farthest from what the formula makes of it, in u, and what runs it alone.
struct Farthest {
  double u = 0;
  std::vector<std::string> input = {};
  std::string only = {};
};

struct Report {
  enum class Verdict { right, wrong, undetermined };

  std::string kernel, rule, map;
  Storage format = {};
  std::uint64_t seed = 1;
  std::size_t runs = 0;               ///< processes that were started
  std::size_t claims = 0, teeth = 0;  ///< steps of a coordinate that were held to a bound
  double largest_share = 0;           ///< of the bound that a result reached
  Farthest farthest = {};
  std::vector<Section> sections = {};
  /// What happened to special numbers, and where they came from.
  std::vector<std::pair<std::string, std::string>> special = {};
  std::vector<Finding> findings = {};
  std::string undetermined = {};  ///< why nothing is determined, or ""
  std::string unseen = {};        ///< what cannot be seen of it from here, or ""

  /// @param strict  whether what is noted counts as wrong
  Verdict verdict(bool strict = false) const;
  /// One sentence.
  std::string conclusion() const;
  /// The conclusion, and each finding with its input.
  ///
  /// @param options  what the caller's options are called, as "options."
  std::string text(const std::string& options) const;
};

/// "right", "wrong" or "not determined"
const char* word(Report::Verdict);

/// Throws NotLoaded; Interrupted; std::invalid_argument for a map that makes no sense, or an `only`
/// that is nothing; std::system_error where no process is to be had.
Report examine(Kernel&, const Request&);

/// Runs that were made elsewhere, by their names.
struct Elsewhere {
  const std::map<std::string, Job>& jobs;
  const std::map<std::string, Run>& runs;
};

/// The same of such runs. The kernel says what it is called, and is not run.
Report examine(Kernel&, const Request&, const Elsewhere&);

/// The names of the sections, in their order.
const std::vector<std::string>& section_names();

}  // namespace truestep::trial
