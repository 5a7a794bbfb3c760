// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "box.hpp"
#include "candidate.hpp"
#include "judging.hpp"

/// What makes a convention fit that does not as told: one number otherwise.
namespace truestep::identify {

/// A convention that fits if one number is not what was told.
struct Otherwise {
  std::string convention, number;
  std::string told, fits_at;
  std::string place = {};  ///< where weight decay goes then: "weight_decay_place = decoupled"
  std::string range = {};  ///< outside which the number makes nothing fit; "" where none is known
  /// How far the worst step is from the exact one, in u times the magnitudes added up.
  double off = 0;
};

/// A number of a candidate that was told, and the candidate without it.
struct Question {
  std::size_t of;  ///< the candidate's place among those that are asked
  std::string number, told;
  Candidate free;
  Forming forming = {};
  std::size_t effort = effort::to_excuse;
  bool by_habit = false;   ///< it fits by a habit as told
  bool is_one = true;      ///< it is about one number, so that what it excludes counts
  bool is_absent = false;  ///< the class has no such number: it is the class's own instead

  bool is_same(const Question& other) const {
    return number == other.number && told == other.told && by_habit == other.by_habit &&
           free.unknown == other.free.unknown && free.attempt.h == other.free.attempt.h;
  }
};

/// "epsilon = 1e-06, not the 1e-08 told".
std::string words_of(const Otherwise& its);

/// How far a candidate's worst step is from the exact one, in the same unit.
double farthest(const Candidate& candidate);

/// Each number that was told and that the class has, unknown; what fits by a habit is asked for
/// such a number without it.
void ask_numbers(std::vector<Question>& all, const Candidate& candidate, std::size_t of,
                 const Record& run);

/// All numbers that were told, rounded to float in a run in double.
void ask_rounded(std::vector<Question>& all, const Candidate& candidate, std::size_t of,
                 const Record& run);

/// A number that a convention has not, where that alone keeps it out.
void ask_without(std::vector<Question>& all, const Candidate& candidate, std::size_t of,
                 const Options& options, const Record& run);

/// Judges each question, once for those that are the same.
void answer(std::vector<Question>& all, const Record& run);

/// What fits by a question, unless that is the habit once more: what a float may be off.
std::vector<Otherwise> excuse(const Question& question, const std::string& convention);

}  // namespace truestep::identify
