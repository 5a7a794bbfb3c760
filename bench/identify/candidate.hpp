// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "box_search.hpp"
#include "numbers.hpp"
#include "replay.hpp"
#include "text.hpp"
#include "runs/class_options.hpp"
#include "runs/typed.hpp"

/// The conventions that a run is held to, each with what is known of it.
namespace truestep::identify {

/// What a convention makes of the run at the numbers that suit it best.
template <class Rule>
struct Attempt {
  Numbers<Rule> h;
  Outcome outcome = {};
  std::vector<std::string> estimated = {};  ///< names of the numbers that are not the convention's
  Ranges ranges = {};                       ///< where numbers lie that were looked for
};

template <class Rule>
struct Candidate {
  std::string name;
  settings::Given known;
  Attempt<Rule> attempt;
  Numbers<Rule> with_places = attempt.h;  ///< weight decay in its place even while there is none
  std::vector<std::string> unknown = {};  ///< numbers of every version that are not known
  std::vector<std::string> further = {};  ///< those that the class has besides
  std::vector<std::string> told = {};     ///< numbers that the class has, and that are known
  std::optional<Coefficients> habit = {};
  std::string refusal = {};  ///< why the convention cannot take the numbers given
  bool is_lacking = false;   ///< it is refused whatever the numbers of its class are
  settings::Chosen chosen = {};
  End end = End::open;
  bool by_further = false;  ///< fits with numbers of the class that were not told, not with its own

  bool consistent() const {
    return refusal.empty() && end == End::fits && attempt.outcome.teeth > 0;
  }
  bool excluded() const { return refusal.empty() && end == End::excluded; }
  bool open() const { return refusal.empty() && end == End::open; }
  bool shows_nothing() const {
    return refusal.empty() && end == End::fits && attempt.outcome.teeth == 0;
  }
};

/// Whether a number is one of every version of the rule.
template <class Rule>
bool is_of_every_version(const std::string& name) {
  return std::any_of(Rule::hyperparameters.begin(), Rule::hyperparameters.end(),
                     [&](const auto& each) { return name == each.name; });
}

/// The numbers that a class has, beyond those of every version.
template <class Rule>
std::vector<std::string> further_numbers(const fast::Convention<Numbers<Rule>>& row) {
  std::vector<std::string> all;
  const auto* const optimizer = row.optimizer();
  if (optimizer == nullptr) return all;
  const std::string has = " " + std::string(optimizer->numbers);
  for_each_number<Rule>([&](const std::string& name, auto) {
    const bool has_place =
        name != "weight_decay" || row.hyperparameters.weight_decay_place != fast::WeightDecay::none;
    if (!is_of_every_version<Rule>(name) && has_place && has.find(" " + name + "=") != has.npos)
      all.push_back(name);
  });
  return all;
}

/// A state that a description has and a record does not tell, where it tells others; "" for none.
template <class Rule>
std::string state_not_told(const Numbers<Rule>& h, const Record& run) {
  const auto states = rules::states_of<Rule, AnyOrder<float>>(h);
  const auto is_told = [&](const auto& state) { return run.start.contains(state.name); };
  if (std::none_of(states.begin(), states.end(), is_told)) return "";
  const auto missing = std::find_if_not(states.begin(), states.end(), is_told);
  return missing == states.end() ? "" : missing->name;
}

/// The conventions that are asked for, or all, each with what is known of it.
template <class Rule>
std::vector<Candidate<Rule>> candidates_for(const Options& options, const Record& run) {
  auto conventions = options.conventions;
  if (conventions.empty())
    for (const auto& each : fast::conventions_of<Numbers<Rule>>)
      conventions.push_back({std::string(each.name)});
  std::vector<Candidate<Rule>> all;
  for (const auto& [convention, own] : conventions) {
    auto known = options.given;
    for (const auto& [name, value] : own) known[name] = value;
    std::string name = convention;
    for (const auto& [each, value] : own) name += text(",", each, "=", settings::text_of(value));
    const auto& row = *fast::find_convention<Numbers<Rule>>(convention);
    Candidate<Rule> candidate{name, known, {with_known<Rule>(row.hyperparameters, known)}};
    candidate.chosen = {convention, own};
    candidate.with_places = row.hyperparameters;
    settings::apply<Rule>(candidate.with_places, known);
    for (const auto& [each, member] : Rule::hyperparameters)
      (known.contains(each) ? candidate.told : candidate.unknown).push_back(each);
    for (const auto& each : further_numbers<Rule>(row))
      (known.contains(each) ? candidate.told : candidate.further).push_back(each);
    if (const auto lacking = settings::lacking_option<Rule>(row, options.given); !lacking.empty()) {
      candidate.refusal = text(Rule::name, ": the class has no ", lacking);
      candidate.is_lacking = true;
    }
    if (const auto state = state_not_told<Rule>(candidate.attempt.h, run); !state.empty()) {
      candidate.refusal =
          text(Rule::name, ": the record tells states before the first step, but not ", state);
      candidate.is_lacking = true;
    }
    all.push_back(candidate);
  }
  return all;
}

/// Every way to turn the switches of a class, each as the members that it sets; the first is as by
/// default.
template <class Rule>
std::vector<settings::Given> switchings(std::string_view options) {
  const auto parsed = settings::class_options(options);
  std::map<std::string_view, std::set<std::string_view>> values;
  for (const auto& setting : parsed.settings)
    for (const auto& [name, value] : setting.where) values[name].insert(value);
  std::vector<std::map<std::string_view, std::string_view>> turned{{}};
  for (const auto& [name, its_values] : values)
    for (std::size_t i = 0, end = turned.size(); i < end; ++i)
      for (const auto value : its_values) {
        turned.push_back(turned[i]);
        turned.back()[name] = value;
      }
  std::vector<settings::Given> all;
  for (const auto& each : turned) {
    settings::Given own;
    for (const auto& setting : parsed.settings)
      if (std::all_of(setting.where.begin(), setting.where.end(), [&](const auto& wanted) {
            const auto at = each.find(wanted.first);
            return at != each.end() && at->second == wanted.second;
          }))
        for (const auto& [member, value] : settings::read_assignments<Rule>(setting.assignments))
          own[member] = value;
    all.push_back(own);
  }
  return all;
}

/// Each class with its own options that are not as by default, in all their combinations.
template <class Rule>
std::vector<Candidate<Rule>> switched(const Options& options, const Record& run) {
  std::vector<Candidate<Rule>> all;
  for (const auto& row : fast::conventions_of<Numbers<Rule>>) {
    const auto unswitched = with_known<Rule>(row.hyperparameters, options.given);
    for (const auto& own : switchings<Rule>(row.options)) {
      if (own.empty()) continue;
      Options with_switch = options;
      with_switch.conventions = {{std::string(row.name), own}};
      const auto candidate = candidates_for<Rule>(with_switch, run).front();
      const bool is_new = std::none_of(all.begin(), all.end(), [&](const auto& each) {
        return each.name.starts_with(std::string(row.name) + ",") &&
               each.attempt.h == candidate.attempt.h;
      });
      if (candidate.attempt.h != unswitched && is_new) all.push_back(candidate);
    }
  }
  return all;
}

}  // namespace truestep::identify
