// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "verdict.hpp"

/// All that identify says of a run by one rule.
namespace truestep::identify {

template <class Rule>
Report report(const Record& run, const Options& options) {
  const auto [candidates, rivals] = judged<Rule>(run, options);
  Report all{Rule::name, run.steps, run.coordinates, {}, {}, {}, {}, {}, true};
  for (const auto& each : candidates) {
    const auto& outcome = each.attempt.outcome;
    const auto numbers = shown<Rule>(each.attempt.h, each.known);
    if (each.consistent())
      all.consistent.push_back({each.name, numbers, outcome.worst, outcome.teeth});
    if (each.excluded())
      all.excluded.push_back({each.name, numbers, *outcome.first, outcome.teeth});
  }
  for (const auto& each : rivals.open) all.open.push_back(each.name);
  const bool some_show_nothing = std::any_of(candidates.begin(), candidates.end(),
                                             [](const auto& each) { return each.shows_nothing(); });
  if (all.consistent.empty() && ((all.excluded.empty() && all.open.empty()) || some_show_nothing)) {
    if (!candidates[0].refusal.empty()) throw std::invalid_argument(candidates[0].refusal);
    throw NotDetermined(text(Rule::name, ": no step of the run moves by more than rounding may"));
  }
  if (all.consistent.empty() && is_stored_in_bfloat16(run))
    throw NotDetermined(text(Rule::name,
                             ": all parameters are bfloat16 numbers, and no step stored so is "
                             "judged: record the float32 master weights"));
  const auto maps = maps_of<Rule>(candidates);
  all.findings = findings<Rule>(candidates, maps, run);
  all.verdict = verdict<Rule>(candidates, maps, rivals, run, options);
  all.determined = !maps.empty() || (rivals.open.empty() && rivals.otherwise.empty() &&
                                     rivals.all_told_otherwise_excluded);
  return all;
}

}  // namespace truestep::identify
