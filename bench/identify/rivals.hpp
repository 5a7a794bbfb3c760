// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "excuses.hpp"

/// What is known of a run besides what fits.
namespace truestep::identify {

/// What is known of a run besides what fits.
template <class Rule>
struct Rivals {
  std::vector<Candidate<Rule>> switched;   ///< classes with options that were not told, and fit
  std::vector<Candidate<Rule>> by_number;  ///< those that fit with a number that was not told
  std::vector<Candidate<Rule>> by_habit;   ///< conventions that fit if coefficients are formed so
  std::vector<Candidate<Rule>> open;       ///< conventions that were neither fitted nor excluded
  std::vector<Otherwise> otherwise;  ///< what fits with one number not as told, the simplest first
  std::set<std::string> asked;       ///< numbers that were looked for otherwise than told
  std::vector<std::string> perhaps;  ///< conventions not excluded with a number not as told
  bool all_told_otherwise_excluded = true;
};

template <class Rule>
struct Judged {
  std::vector<Candidate<Rule>> candidates;
  Rivals<Rule> rivals;
};

/// Looks for the excuses of all that is excluded, of what fits by a habit, and of what cannot take
/// what was told.
template <class Rule>
void add_excuses(const std::vector<Candidate<Rule>>& all, const Record& run, const Options& options,
                 Rivals<Rule>& rivals) {
  const auto is_asked = [](const Candidate<Rule>& each) {
    return each.excluded() || (each.consistent() && each.habit) || !each.refusal.empty();
  };
  auto asked = rivals.by_habit;
  asked.insert(asked.end(), all.begin(), all.end());
  std::erase_if(asked, [&](const auto& each) { return !is_asked(each); });
  std::vector<Question<Rule>> questions;
  for (std::size_t of = 0; of < asked.size(); ++of) {
    const bool is_refused = !asked[of].refusal.empty();
    if (is_refused) ask_without(questions, asked[of], of, options, run);
    if (!asked[of].is_lacking) ask_numbers(questions, asked[of], of, run);
    if (!is_refused) ask_rounded(questions, asked[of], of, run);
  }
  answer(questions, run);
  std::vector<bool> is_excluded(asked.size(), true), is_found(asked.size(), false);
  for (const auto& each : questions) {
    if (each.is_one) rivals.asked.insert(each.number);
    const auto found = excuse(each, asked[each.of].name);
    rivals.otherwise.insert(rivals.otherwise.end(), found.begin(), found.end());
    is_found[each.of] = is_found[each.of] || !found.empty();
    if (each.is_one && each.free.refusal.empty() && each.free.end != End::excluded)
      is_excluded[each.of] = false;
  }
  std::stable_sort(
      rivals.otherwise.begin(), rivals.otherwise.end(),
      [](const auto& a, const auto& b) { return a.fits_at.size() < b.fits_at.size(); });
  for (std::size_t of = 0; of < asked.size(); ++of) {
    if (asked[of].consistent()) continue;
    rivals.all_told_otherwise_excluded &= is_excluded[of];
    if (!is_excluded[of] && !is_found[of]) rivals.perhaps.push_back(asked[of].name);
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
  add_excuses(all, run, options, rivals);
  return result;
}

}  // namespace truestep::identify
