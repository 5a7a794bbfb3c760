// SPDX-License-Identifier: Apache-2.0
#include "candidate.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "runs/class_options.hpp"
#include "text.hpp"

namespace truestep::identify {

bool has_weight_decay(const Description& h) {
  return *h.find("weight_decay_place") != settings::Value(fast::WeightDecay::none);
}

namespace {

/// The hyperparameters with what was told. While nothing decays, all places of weight decay are
/// one. Throws std::invalid_argument for what the rule does not have, and outside its range.
Description with_known(const Description& h, const settings::Given& known) {
  return without_idle_choices(h.rule().applied(h, known));
}

/// The numbers that a class has, beyond those of every version.
std::vector<std::string> further_numbers(const Convention& row) {
  std::vector<std::string> all;
  if (row.optimizer == nullptr) return all;
  const std::string has = " " + std::string(row.optimizer->numbers);
  for (const auto& [name, member, domain, part] : row.hyperparameters.rule().numbers) {
    const bool has_place = name != "weight_decay" || has_weight_decay(row.hyperparameters);
    if (part != fast::Part::every_version && has_place && has.find(" " + name + "=") != has.npos)
      all.push_back(name);
  }
  return all;
}

/// A state that a description has and a record does not tell, where it tells others; "" for none.
std::string state_not_told(const Description& h, const Record& run) {
  const auto states = h.rule().states(h);
  const auto is_told = [&](const std::string& state) { return run.start.contains(state); };
  if (std::none_of(states.begin(), states.end(), is_told)) return "";
  const auto missing = std::find_if_not(states.begin(), states.end(), is_told);
  return missing == states.end() ? "" : *missing;
}

}  // namespace

std::vector<Candidate> candidates_for(const AnyRule& rule, const Options& options,
                                      const Record& run) {
  auto conventions = options.conventions;
  if (conventions.empty())
    for (const auto& each : rule.conventions) conventions.push_back({each.name});
  std::vector<Candidate> all;
  for (const auto& [convention, own] : conventions) {
    auto known = options.given;
    for (const auto& [name, value] : own) known[name] = value;
    std::string name = convention;
    for (const auto& [each, value] : own) name += text(",", each, "=", settings::text_of(value));
    const auto& row = rule.convention(convention);
    Candidate candidate{name, known, {with_known(row.hyperparameters, known)}};
    candidate.chosen = {convention, own};
    candidate.with_places = rule.applied(row.hyperparameters, known);
    for (const auto& [each, member, domain, part] : rule.numbers)
      if (part == fast::Part::every_version)
        (known.contains(each) ? candidate.told : candidate.unknown).push_back(each);
    for (const auto& each : further_numbers(row))
      (known.contains(each) ? candidate.told : candidate.further).push_back(each);
    if (const auto lacking = rule.lacking_option(row, options.given); !lacking.empty()) {
      candidate.refusal = text(rule.name, ": the class has no ", lacking);
      candidate.is_lacking = true;
    }
    if (const auto state = state_not_told(candidate.attempt.h, run); !state.empty()) {
      candidate.refusal =
          text(rule.name, ": the record tells states before the first step, but not ", state);
      candidate.is_lacking = true;
    }
    all.push_back(candidate);
  }
  return all;
}

namespace {

/// Every way to turn the switches of a class, each as the members that it sets; the first is as by
/// default.
std::vector<settings::Given> switchings(const AnyRule& rule, std::string_view options) {
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
        for (const auto& [member, value] : rule.read_assignments(setting.assignments))
          own[member] = value;
    all.push_back(own);
  }
  return all;
}

}  // namespace

std::vector<Candidate> switched(const AnyRule& rule, const Options& options, const Record& run) {
  std::vector<Candidate> all;
  for (const auto& row : rule.conventions) {
    const auto unswitched = with_known(row.hyperparameters, options.given);
    for (const auto& own : switchings(rule, row.options)) {
      if (own.empty()) continue;
      Options with_switch = options;
      with_switch.conventions = {{row.name, own}};
      const auto candidate = candidates_for(rule, with_switch, run).front();
      const bool is_new = std::none_of(all.begin(), all.end(), [&](const auto& each) {
        return each.name.starts_with(row.name + ",") && each.attempt.h == candidate.attempt.h;
      });
      if (candidate.attempt.h != unswitched && is_new) all.push_back(candidate);
    }
  }
  return all;
}

}  // namespace truestep::identify
