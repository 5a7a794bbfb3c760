// SPDX-License-Identifier: Apache-2.0
#include "findings.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "any_rule.hpp"
#include "replayed.hpp"
#include "sought.hpp"
#include "telling.hpp"
#include "text.hpp"

namespace truestep::identify {

std::vector<std::string> names(const std::vector<const Candidate*>& candidates) {
  std::vector<std::string> all;
  for (const auto* candidate : candidates) all.push_back(candidate->name);
  return all;
}

Maps maps_of(const std::vector<Candidate>& candidates) {
  Maps maps;
  for (const auto& candidate : candidates) {
    if (!candidate.consistent()) continue;
    const auto known = std::find_if(maps.begin(), maps.end(), [&](const auto& map) {
      return candidate.attempt.h.rule().same_map(map.front()->attempt.h, candidate.attempt.h);
    });
    (known == maps.end() ? maps.emplace_back() : *known).push_back(&candidate);
  }
  return maps;
}

namespace {

/// Adds the names of candidates that a finding is about, one finding for all of them.
void add(std::vector<Finding>& findings, const std::string& kind, const std::string& detail,
         const std::string& name) {
  for (auto& finding : findings)
    if (finding.kind == kind && finding.detail.starts_with(detail + " (")) {
      finding.detail.insert(finding.detail.size() - 1, ", " + name);
      return;
    }
  findings.push_back({kind, text(detail, " (", name, ")")});
}

void add_habit(std::vector<Finding>& findings, const Coefficients& habit, const std::string& name) {
  using enum Coefficients::Powers;
  if (habit.one_minus_rounded)
    add(findings, "one_minus_beta_in_float", "1 - beta is formed from the float beta", name);
  if (habit.powers == running_product)
    add(findings, "running_float_product", "beta^t is a float product carried from step to step",
        name);
  if (habit.powers == of_rounded)
    add(findings, "power_of_float_beta", "beta^t is a power of the float beta", name);
  if (habit.powers == power_function)
    add(findings, "float_power", "beta^t is a power of the float beta, taken in float", name);
}

/// The customary values of a number, other than the one taken, that some coordinates allow as well;
/// where the user asked to stop, those that were found till then.
std::vector<std::string> alternatives(const Description& h, const std::string& name,
                                      const Record& few) {
  std::vector<std::string> others;
  for (const double value : customary(name, sought_numbers(h, {name}).front().domain)) {
    Description other = h;
    double& at = other.number(name);
    if (at == value) continue;
    at = value;
    const auto outcome = replayed_unless_stopped(other, few);
    if (outcome && !outcome->first) others.push_back(shortest(value));
  }
  return others;
}

void add_undetermined(std::vector<Finding>& findings, const std::vector<Candidate>& candidates,
                      const Record& run) {
  const Record few = some_coordinates(run, 16);
  // Many classes are one map.
  std::vector<std::pair<std::pair<Description, std::string>, std::vector<std::string>>> asked;
  const auto others_of = [&](const Description& h, const std::string& name) {
    const std::pair question(h, name);
    const auto known = std::find_if(asked.begin(), asked.end(),
                                    [&](const auto& one) { return one.first == question; });
    if (known != asked.end()) return known->second;
    return asked.emplace_back(question, alternatives(h, name, few)).second;
  };
  for (const auto& each : candidates)
    for (const auto& [name, member, domain, part] : each.attempt.h.rule().numbers) {
      if (part != fast::Part::every_version) continue;
      if (!each.consistent() || each.habit || each.known.contains(name)) continue;
      if (name == "learning_rate") continue;
      if (const auto others = others_of(each.attempt.h, name); !others.empty())
        add(findings, "undetermined",
            text(name, " may be ", shortest(each.attempt.h.number(member)), " or ", joined(others)),
            each.name);
    }
}

/// Where a number lies that makes something fit; "" where that is not known. What else was not told
/// is as it is there, how coefficients are formed among it, and values beyond those that a search
/// looks through were not asked.
std::string lies_in(const std::string& range) {
  return range.empty() ? ""
                       : text("; all else being so, of those sought none outside ", range, " does");
}

}  // namespace

void add_otherwise(std::vector<Finding>& findings, const std::vector<Otherwise>& otherwise) {
  for (const auto& each : otherwise)
    add(findings, "told_otherwise", text(words_of(each), " would fit", lies_in(each.range)),
        each.convention);
}

std::vector<Finding> findings(const std::vector<Candidate>& candidates, const Maps& maps,
                              const Record& run) {
  std::vector<Finding> all;
  for (const auto& each : candidates) {
    const auto& h = each.attempt.h;
    if (each.consistent())
      for (const auto& name : each.attempt.estimated)
        add(all, "estimated", text(name, " = ", shortest(h.number(name))), each.name);
    if (each.consistent())
      for (const auto& [name, side] : each.attempt.ranges)
        add(all, "range",
            text(name, " = ", shortest(h.number(name)), " fits",
                 lies_in(enclosing(side.low, side.high))),
            each.name);
    if (each.consistent() && each.habit) add_habit(all, *each.habit, each.name);
    if (each.consistent() && each.attempt.outcome.unclaimed > 0)
      add(all, "no_claim",
          text(each.attempt.outcome.unclaimed, " of ", run.steps * run.coordinates,
               " steps of a coordinate have no bound, 0 / 0 for instance"),
          each.name);
    if (!each.refusal.empty()) add(all, "not_applicable", each.refusal, each.name);
    if (each.shows_nothing())
      add(all, "no_teeth", "no step moves by more than its bound", each.name);
  }
  for (std::size_t i = 1; i < maps.size(); ++i)
    all.push_back(
        {"indistinguishable",
         text("this run cannot tell ", maps[0].front()->name, " from ", maps[i].front()->name, "; ",
              what_would_tell(maps[0].front()->attempt.h, maps[i].front()->attempt.h, run))});
  add_undetermined(all, candidates, run);
  for (const auto& map : maps)
    if (const char* const text =
            map.front()->attempt.h.rule().what_no_record_tells(map.front()->attempt.h)) {
      all.push_back({"look_ahead", text});
      break;
    }
  return all;
}

}  // namespace truestep::identify
