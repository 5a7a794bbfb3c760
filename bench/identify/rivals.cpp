// SPDX-License-Identifier: Apache-2.0
#include "rivals.hpp"

#include <algorithm>
#include <cstddef>

#include "judging.hpp"

namespace truestep::identify {
namespace {

/// Looks for the excuses of all that is excluded, of what fits by a habit, and of what cannot take
/// what was told.
void add_excuses(const std::vector<Candidate>& all, const Record& run, const Options& options,
                 Rivals& rivals) {
  const auto is_asked = [](const Candidate& each) {
    return each.excluded() || (each.consistent() && each.habit) || !each.refusal.empty();
  };
  auto asked = rivals.by_habit;
  asked.insert(asked.end(), all.begin(), all.end());
  std::erase_if(asked, [&](const auto& each) { return !is_asked(each); });
  std::vector<Question> questions;
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

}  // namespace

Judged judged(const AnyRule& rule, const Record& run, const Options& options) {
  const auto fits = [](const auto& each) { return each.consistent(); };
  Judged result;
  auto& all = result.candidates;
  auto& rivals = result.rivals;
  all = candidates_for(rule, options, run);
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
  std::vector<Candidate> others;
  if (options.conventions.empty()) others = switched(rule, options, run);
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
