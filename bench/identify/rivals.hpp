// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "judging.hpp"

/// What is known of a run besides what fits.
namespace truestep::identify {

/// A convention that fits if one number is not what was told.
struct Otherwise {
  std::string convention, number;
  std::string told, fits_at;
};

/// What is known of a run besides what fits.
template <class Rule>
struct Rivals {
  std::vector<Candidate<Rule>> switched;   ///< classes with options that were not told, and fit
  std::vector<Candidate<Rule>> by_number;  ///< those that fit with a number that was not told
  std::vector<Candidate<Rule>> by_habit;   ///< conventions that fit if coefficients are formed so
  std::vector<Candidate<Rule>> open;       ///< conventions that were neither fitted nor excluded
  std::vector<Otherwise> otherwise;
  std::vector<std::string> perhaps;  ///< conventions not excluded with a number not as told
  bool all_told_otherwise_excluded = true;
};

/// What makes a convention fit that is excluded as told.
struct Excuses {
  std::vector<Otherwise> found;
  bool all_excluded = true;
};

/// With one number of every version otherwise than it was told, or with all of them rounded to
/// float in a run in double. What fits by a habit is asked for such a number without it.
template <class Rule>
Excuses excuses_of(const Candidate<Rule>& candidate, const Record& run) {
  using enum End;
  Excuses excuses;
  const Forming forming{.any = !run.in_double && !candidate.habit};
  for (const auto& [name, member] : Rule::hyperparameters) {
    if (!candidate.known.contains(name)) continue;
    if (name == std::string("learning_rate") && !run.learning_rate.empty()) continue;
    Candidate<Rule> free = candidate;
    free.unknown.push_back(name);
    free.attempt = {fast::without_idle_choices(candidate.with_places)};
    free.end = open, free.habit = {};
    judge(free, run, forming, effort::to_excuse);
    const double told = candidate.with_places.*member, fits_at = free.attempt.h.*member;
    // What a float may be off is the habit once more.
    const bool is_habit = candidate.habit && std::fabs(fits_at - told) <= 0x1p-23 * told;
    if (free.end == fits && free.attempt.outcome.teeth > 0 && !is_habit)
      excuses.found.push_back({candidate.name, name, shortest(told), shortest(fits_at)});
    excuses.all_excluded &= free.end == excluded;
  }
  if (!run.in_double) return excuses;
  Candidate<Rule> rounded = candidate;
  for (const auto& [name, member] : Rule::hyperparameters)
    if (candidate.known.contains(name))
      rounded.attempt.h.*member = static_cast<float>(candidate.attempt.h.*member);
  rounded.attempt.outcome = {};
  judge(rounded, run);
  if (rounded.end == fits && rounded.attempt.outcome.teeth > 0)
    excuses.found.push_back({candidate.name, "each number", "double", "float"});
  return excuses;
}

template <class Rule>
struct Judged {
  std::vector<Candidate<Rule>> candidates;
  Rivals<Rule> rivals;
};

/// Looks for the excuses of all that is excluded, and of what fits by a habit, once for those with
/// the same description.
template <class Rule>
void add_excuses(const std::vector<Candidate<Rule>>& all, const Record& run, Rivals<Rule>& rivals) {
  std::vector<std::pair<Candidate<Rule>, Excuses>> distinct;
  // Choices that are idle as told stay so, whatever the number is that is sought.
  const auto same = [&run](const Candidate<Rule>& each) {
    return [&](const auto& one) {
      return fast::without_idle_choices(one.first.with_places) ==
                 fast::without_idle_choices(each.with_places) &&
             one.first.known == each.known && one.first.unknown == each.unknown &&
             one.first.habit.has_value() == each.habit.has_value() &&
             (!run.in_double || one.first.attempt.h == each.attempt.h);
    };
  };
  const auto is_excused = [](const Candidate<Rule>& each) {
    return each.excluded() || (each.consistent() && each.habit);
  };
  auto asked = rivals.by_habit;
  asked.insert(asked.end(), all.begin(), all.end());
  std::erase_if(asked, [&](const auto& each) { return !is_excused(each); });
  for (const auto& each : asked)
    if (std::none_of(distinct.begin(), distinct.end(), same(each))) distinct.push_back({each, {}});
  Stage stage("numbers otherwise than told", distinct.size());
  drift::for_each_in_parallel(distinct, [&](auto& one) {
    one.second = excuses_of(one.first, run);
    stage.one_more();
  });
  for (const auto& each : asked) {
    const auto& excuses = std::find_if(distinct.begin(), distinct.end(), same(each))->second;
    for (auto one : excuses.found) {
      one.convention = each.name;
      rivals.otherwise.push_back(one);
    }
    if (!each.excluded()) continue;
    rivals.all_told_otherwise_excluded &= excuses.all_excluded;
    if (!excuses.all_excluded && excuses.found.empty()) rivals.perhaps.push_back(each.name);
  }
}

/// The conventions as they are; where none fits, with the habits of programs; where none does then,
/// the classes with their own options. What does not fit is excluded, or else is a rival.
template <class Rule>
Judged<Rule> judged(const Record& run, const Options& options) {
  const auto fits = [](const auto& each) { return each.consistent(); };
  Judged<Rule> result;
  auto& all = result.candidates;
  auto& rivals = result.rivals;
  all = candidates_for<Rule>(options, run);
  settle(all, run);
  const auto is_plain = [](const auto& each) {
    return each.consistent() && !each.habit && !each.by_further;
  };
  // A convention as it is, without habits, is the simplest reading.
  if (std::any_of(all.begin(), all.end(), is_plain))
    std::erase_if(all, [&](const auto& each) {
      if (!each.consistent() || is_plain(each)) return false;
      (each.habit ? rivals.by_habit : rivals.by_number).push_back(each);
      return true;
    });
  std::vector<Candidate<Rule>> others;
  if (options.conventions.empty()) others = switched<Rule>(options, run);
  for (auto& each : others) take_known(each, all);
  settle(others, run);
  if (std::none_of(all.begin(), all.end(), fits)) lend_numbers(all, others, run);
  const bool found = std::any_of(all.begin(), all.end(), fits);
  for (const auto& each : others)
    if (each.consistent()) (found ? rivals.switched : all).push_back(each);
  for (const auto* list : {&all, &others})
    for (const auto& each : *list)
      if (each.open()) rivals.open.push_back(each);
  add_excuses(all, run, rivals);
  return result;
}

}  // namespace truestep::identify
