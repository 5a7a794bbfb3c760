// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "judge.hpp"

/// What a kernel is instead, where it is not the map that it was said to be.
namespace truestep::trial {

/// A run from where an optimizer begins, and the numbers that the kernel was told.
struct Course {
  std::string name;
  Job job;
  Run run;
};

/// What fits all runs.
struct Explanation {
  /// A map; what no map does; or the declared map in theta, but not in the states that are shown.
  enum class Kind { map, deviation, states };

  std::string words;
  Habit habit = no_habit;
  std::function<Map(const NumberList& told)> map;
  Kind kind = Kind::map;  ///< any other run can be held to a map alone
};

/// What the map, at the numbers that each run was told, says of each of them, where it fits all and
/// some step has teeth; else nothing.
std::optional<std::vector<Judged>> judged_if_it_fits(
    const std::function<Map(const NumberList&)>& map, Habit, const std::vector<Course>&,
    const std::vector<bool>& left_out);

/// Whether it fits them so.
bool fits(const std::function<Map(const NumberList&)>& map, Habit, const std::vector<Course>&,
          const std::vector<bool>& left_out);

/// The simplest that fit: conventions of the table, the declared map with one choice otherwise,
/// with a number that is another than was told, each with the habits of programs; then with two
/// choices otherwise; then conventions of another rule, deviations that are no map, and the
/// declared map in theta alone. Empty where nothing does.
std::vector<Explanation> explanations(const Map& declared, const std::vector<Course>&,
                                      const std::vector<bool>& left_out);

}  // namespace truestep::trial
