// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "candidate.hpp"
#include "excuses.hpp"

/// What is known of a run besides what fits.
namespace truestep::identify {

/// What is known of a run besides what fits.
struct Rivals {
  std::vector<Candidate> switched;   ///< classes with options that were not told, and fit
  std::vector<Candidate> by_number;  ///< those that fit with a number that was not told
  std::vector<Candidate> by_habit;   ///< conventions that fit if coefficients are formed so
  std::vector<Candidate> open;       ///< conventions that were neither fitted nor excluded
  std::vector<Otherwise> otherwise;  ///< what fits with one number not as told, the simplest first
  std::set<std::string> asked;       ///< numbers that were looked for otherwise than told
  std::vector<std::string> perhaps;  ///< conventions not excluded with a number not as told
  bool all_told_otherwise_excluded = true;
};

struct Judged {
  std::vector<Candidate> candidates;
  Rivals rivals;
};

/// The conventions as they are; where none fits, with the habits of programs; where none does then,
/// the classes with their own options. What does not fit is excluded, or else is a rival.
Judged judged(const AnyRule& rule, const Record& run, const Options& options);

}  // namespace truestep::identify
