// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "text.hpp"
#include "verdict.hpp"

namespace truestep::identify {
namespace {

/// The numbers of the rule, those of the others that are not at their default, and what else is
/// known.
std::string shown(const Description& h, const settings::Given& known) {
  std::string all;
  const auto show = [&](const std::string& name, const std::string& value) {
    all += text(all.empty() ? "" : ", ", name, " = ", value);
  };
  const auto& rule = h.rule();
  for (const auto& [name, member, domain, part] : rule.numbers)
    if (part == fast::Part::every_version) show(name, shortest(h.number(member)));
  for (const auto& [name, member, domain, part] : rule.numbers)
    if (part == fast::Part::some_versions && h[member] != rule.defaults[member])
      show(name, shortest(h.number(member)));
  for (const auto& [name, value] : known)
    if (!std::holds_alternative<double>(value)) show(name, settings::text_of(value));
  return all;
}

/// What is said of a run whose parameters were stored as it says.
Report report_as_stored(const AnyRule& rule, const Record& run, const Options& options,
                        bool diagnoses = true) {
  const auto [candidates, rivals] = judged(rule, run, options);
  Report all{rule.name, run.steps, run.coordinates, {}, {}, {}, {}, {}, true};
  for (const auto& each : candidates) {
    const auto& outcome = each.attempt.outcome;
    const auto numbers = shown(each.attempt.h, each.known);
    if (each.consistent())
      all.consistent.push_back({each.name, numbers, outcome.worst, outcome.teeth});
    if (each.excluded())
      all.excluded.push_back({each.name, numbers, *outcome.first, outcome.teeth});
  }
  for (auto* judgements : {&all.consistent, &all.excluded})
    for (auto& each : *judgements) each.place.coordinate = run.number(each.place.coordinate);
  for (const auto& each : rivals.open) all.open.push_back(each.name);
  const bool some_show_nothing = std::any_of(candidates.begin(), candidates.end(),
                                             [](const auto& each) { return each.shows_nothing(); });
  if (all.consistent.empty() && ((all.excluded.empty() && all.open.empty()) || some_show_nothing)) {
    if (std::all_of(candidates.begin(), candidates.end(),
                    [](const auto& each) { return !each.refusal.empty(); }))
      throw std::invalid_argument(candidates[0].refusal);
    throw NotDetermined(text(rule.name, ": no step of the run moves by more than rounding may"));
  }
  const auto maps = maps_of(candidates);
  all.findings = findings(candidates, maps, run);
  add_otherwise(all.findings, rivals.otherwise);
  std::vector<Deviation> found;
  if (maps.empty() && diagnoses) found = deviations(candidates, run);
  for (auto each = found.rbegin(); each != found.rend(); ++each)
    all.findings.insert(all.findings.begin(), {"deviation", text("if ", each->words, " (",
                                                                 joined(each->conventions), ")")});
  all.verdict = verdict(rule, candidates, maps, rivals, found, run, options);
  all.determined = !maps.empty() || (rivals.open.empty() && rivals.otherwise.empty() &&
                                     rivals.all_told_otherwise_excluded);
  return all;
}

/// How parameters may have been stored all of which are numbers of bfloat16.
const char* words_of(Storage storage) {
  return storage == Storage::bfloat16
             ? "each step read and wrote the parameters as bfloat16, rounded to nearest"
             : "the parameters are copies in bfloat16, rounded to nearest, of masters that the "
               "steps read and wrote";
}

}  // namespace

Report report(const AnyRule& rule, const Record& run, const Options& options) {
  const bool is_narrow = run.storage != Storage::as_computed || is_stored_in_bfloat16(run);
  if (run.in_double || !is_narrow) return report_as_stored(rule, run, options);
  std::optional<Report> first;
  for (const auto storage : {Storage::as_computed, Storage::bfloat16, Storage::bfloat16_copy}) {
    if (storage == Storage::as_computed && run.storage != storage) continue;
    Record stored = run;
    stored.storage = storage;
    std::optional<Report> found;
    try {
      found = report_as_stored(rule, stored, options, false);
    } catch (const NotDetermined&) {
      if (storage == Storage::bfloat16_copy && !first) throw;
      continue;
    }
    if (!found->consistent.empty()) {
      if (storage != Storage::as_computed)
        found->findings.insert(found->findings.begin(), {"stored_in_bfloat16", words_of(storage)});
      return *found;
    }
    if (!first)
      first = found;
    else
      first->determined &= found->determined;
  }
  first->findings.insert(first->findings.begin(),
                         {"stored_in_bfloat16",
                          "all parameters are numbers of bfloat16; nothing fits as stored so, nor "
                          "as copies of masters"});
  if (first->determined)
    first->verdict = text("not determined: with states and arithmetic in float32 ", first->verdict,
                          "; states or arithmetic in bfloat16 are not judged");
  first->determined = false;
  return *first;
}

}  // namespace truestep::identify
