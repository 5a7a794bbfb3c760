// SPDX-License-Identifier: Apache-2.0
#include "identify.hpp"

#include <truestep/proofs/statements.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "apart.hpp"
#include "identify/every_rule.hpp"
#include "runs/parallel.hpp"
#include "runs/typed.hpp"
#include "numbers.hpp"
#include "replay.hpp"
#include "search.hpp"
#include "text.hpp"

namespace truestep::identify {
namespace {

template <class Rule>
struct Candidate {
  std::string name;
  settings::Given known;
  Attempt<Rule> attempt;
  std::optional<Coefficients> habit = {};
  std::string refusal = {};  ///< why the convention cannot take the numbers given

  bool consistent() const { return refusal.empty() && attempt.outcome.consistent(); }
  bool excluded() const { return refusal.empty() && attempt.outcome.first; }
};

template <class Rule>
void judge(Candidate<Rule>& candidate, const Record& run) {
  if (!candidate.refusal.empty()) return;
  try {
    candidate.attempt = Search<Rule>(candidate.attempt.h, run, candidate.known).best();
  } catch (const std::invalid_argument& error) {
    candidate.refusal = error.what();
  }
}

template <class Rule>
void excuse_by_habit(Candidate<Rule>& candidate, const Record& run) {
  if (!candidate.excluded()) return;
  if (const auto found = habit_of<Rule>(candidate.attempt.h, run)) {
    candidate.habit = found->first;
    candidate.attempt.outcome = found->second;
  }
}

template <class Rule>
std::vector<std::string> names(const std::vector<const Candidate<Rule>*>& candidates) {
  std::vector<std::string> all;
  for (const auto* candidate : candidates) all.push_back(candidate->name);
  return all;
}

template <class Rule>
using Maps = std::vector<std::vector<const Candidate<Rule>*>>;

/// The consistent candidates, those of one map together.
template <class Rule>
Maps<Rule> maps_of(const std::vector<Candidate<Rule>>& candidates) {
  Maps<Rule> maps;
  for (const auto& candidate : candidates) {
    if (!candidate.consistent()) continue;
    const auto known = std::find_if(maps.begin(), maps.end(), [&](const auto& map) {
      return same_map<Rule>(map.front()->attempt.h, candidate.attempt.h);
    });
    (known == maps.end() ? maps.emplace_back() : *known).push_back(&candidate);
  }
  return maps;
}

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

template <class Rule>
void add_undetermined(std::vector<Finding>& findings,
                      const std::vector<Candidate<Rule>>& candidates, const Record& run) {
  const Record few = some_coordinates(run, searched_coordinates);
  for (const auto& each : candidates)
    for (const auto& [name, member] : Rule::hyperparameters) {
      if (!each.consistent() || each.habit || !is_sought(name, each.known)) continue;
      if (const auto others = alternatives<Rule>(each.attempt.h, name, few); !others.empty())
        add(findings, "undetermined",
            text(name, " may be ", shortest(each.attempt.h.*member), " or ", joined(others)),
            each.name);
    }
}

template <class Rule>
std::vector<Finding> findings(const std::vector<Candidate<Rule>>& candidates,
                              const Maps<Rule>& maps, const Record& run) {
  std::vector<Finding> all;
  for (const auto& each : candidates) {
    auto h = each.attempt.h;
    if (each.consistent())
      for (const auto& name : each.attempt.estimated)
        add(all, "estimated", text(name, " = ", shortest(*number<Rule>(h, name))), each.name);
    if (each.consistent() && each.habit) add_habit(all, *each.habit, each.name);
    if (each.consistent() && each.attempt.outcome.unclaimed > 0)
      add(all, "no_claim",
          text(each.attempt.outcome.unclaimed, " of ", run.steps * run.coordinates,
               " steps of a coordinate have no bound, 0 / 0 for instance"),
          each.name);
    if (!each.refusal.empty()) add(all, "not_applicable", each.refusal, each.name);
    if (each.refusal.empty() && !each.excluded() && !each.consistent())
      add(all, "no_teeth", "no step moves by more than its bound", each.name);
  }
  for (std::size_t i = 1; i < maps.size(); ++i)
    all.push_back(
        {"indistinguishable",
         text("this run cannot tell ", maps[0].front()->name, " from ", maps[i].front()->name, "; ",
              what_would_tell<Rule>(maps[0].front()->attempt.h, maps[i].front()->attempt.h, run))});
  add_undetermined<Rule>(all, candidates, run);
  for (const auto& map : maps)
    if (const char* const text = what_no_record_tells(map.front()->attempt.h)) {
      all.push_back({"look_ahead", text});
      break;
    }
  return all;
}

/// The candidate with the fewest steps outside its bound, over the whole run.
template <class Rule>
std::string nearest(const std::vector<Candidate<Rule>>& candidates, const Record& run) {
  std::vector<std::pair<const Candidate<Rule>*, Outcome>> whole;
  for (const auto& each : candidates)
    if (each.excluded()) whole.push_back({&each, {}});
  drift::for_each_in_parallel(whole, [&](auto& each) {
    each.second = replayed<Rule>(each.first->attempt.h, run, Extent::whole_run);
  });
  const auto& [candidate, outcome] = *std::min_element(
      whole.begin(), whole.end(),
      [](const auto& a, const auto& b) { return a.second.failures < b.second.failures; });
  const Place first = *outcome.first;
  return text("nearest is ", candidate->name, ", which breaks first at step ", first.step,
              ", coordinate ", first.coordinate, ", by ", first.excess, " times the bound; ",
              outcome.failures, " of ", run.steps * run.coordinates,
              " steps of a coordinate break it");
}

/// The numbers that some candidate did not have, and that were fitted or tried at some values.
template <class Rule>
std::vector<std::string> sought(const std::vector<Candidate<Rule>>& candidates) {
  std::vector<std::string> all{"learning_rate"};
  for (const auto& [name, member] : Rule::hyperparameters)
    if (name != all.front()) all.emplace_back(name);
  std::erase_if(all, [&](const auto& name) {
    return std::all_of(candidates.begin(), candidates.end(),
                       [&](const auto& each) { return each.known.contains(name); });
  });
  return all;
}

/// The numbers that no other value was tried of.
template <class Rule>
std::string left_alone(const std::vector<Candidate<Rule>>& candidates) {
  std::vector<std::string> names;
  settings::for_each_member<Numbers<Rule>>(
      [&]<class Type>(const rules::Named<Numbers<Rule>, Type>& named) {
        if constexpr (std::is_same_v<Type, double>)
          if (!candidates[0].known.contains(named.name)) names.emplace_back(named.name);
      });
  const auto tried = sought<Rule>(candidates);
  std::erase_if(names, [&](const auto& name) {
    return std::find(tried.begin(), tried.end(), name) != tried.end();
  });
  return names.empty() ? "" : text("; not given, and at each convention's own: ", joined(names));
}

/// Where nothing fits. What was tried at some values alone proves nothing about the others.
template <class Rule>
std::string negative(const std::vector<Candidate<Rule>>& candidates, const Record& run,
                     const Options& options) {
  std::vector<std::string> judged;
  for (const auto& each : candidates) judged.push_back(each.name);
  const std::string none = options.conventions.empty() ? text("no convention of ", Rule::name)
                                                       : text("none of ", joined(judged));
  const auto names = sought<Rule>(candidates);
  if (names.empty())
    return text(none, " fits: ", nearest<Rule>(candidates, run), left_alone<Rule>(candidates));
  return text("not determined: ", none, " fits at the values tried of ", joined(names),
              " (the default, customary values, one refined at a time; a learning rate is fitted), "
              "and giving them would decide: ",
              nearest<Rule>(candidates, run), left_alone<Rule>(candidates));
}

template <class Rule>
std::string verdict(const std::vector<Candidate<Rule>>& candidates, const Maps<Rule>& maps,
                    const Record& run, const Options& options) {
  if (maps.empty()) return negative<Rule>(candidates, run, options);
  std::string all = text(Rule::name, " as in ", joined(names<Rule>(maps[0])));
  for (std::size_t i = 1; i < maps.size(); ++i)
    all += text("; or as in ", joined(names<Rule>(maps[i])));
  return all + (maps.size() > 1 ? ": the run cannot tell them apart" : "");
}

/// The conventions that are asked for, or all, each with what is known of it.
template <class Rule>
std::vector<Candidate<Rule>> candidates_for(const Options& options) {
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
    const auto h = with_known<Rule>(fast::convention<Numbers<Rule>>(convention), known);
    all.push_back({name, known, {h, {}}});
    const auto& row = *fast::find_convention<Numbers<Rule>>(convention);
    if (const auto lacking = settings::lacking_option<Rule>(row, options.given); !lacking.empty())
      all.back().refusal = text(Rule::name, ": the class has no ", lacking);
  }
  return all;
}

/// Each class with each of its own switches that is not as by default.
template <class Rule>
std::vector<Candidate<Rule>> switched(const Options& options) {
  std::vector<Candidate<Rule>> all;
  for (const auto& row : fast::conventions_of<Numbers<Rule>>)
    for (std::string_view rest = row.options; !rest.empty();) {
      const auto one = rest.substr(0, rest.find("; "));
      rest.remove_prefix(std::min(one.size() + 2, rest.size()));
      const auto colon = one.find(':');
      if (colon == one.npos) continue;
      Options with_switch = options;
      with_switch.conventions = {
          {std::string(row.name), settings::read_assignments<Rule>(one.substr(colon + 1))}};
      const auto candidate = candidates_for<Rule>(with_switch).front();
      const auto unswitched = with_known<Rule>(row.hyperparameters, options.given);
      if (candidate.attempt.h != unswitched) all.push_back(candidate);
    }
  return all;
}

/// Judges every candidate. Those with the same description are judged once.
template <class Rule, class Judge>
void judge_each(std::vector<Candidate<Rule>>& all, const Judge& judge_one) {
  std::vector<Candidate<Rule>> distinct;
  std::vector<std::size_t> like;
  for (const auto& candidate : all) {
    const auto known = std::find_if(distinct.begin(), distinct.end(), [&](const auto& each) {
      return each.attempt.h == candidate.attempt.h && each.known == candidate.known &&
             each.refusal == candidate.refusal;
    });
    like.push_back(static_cast<std::size_t>(known - distinct.begin()));
    if (known == distinct.end()) distinct.push_back(candidate);
  }
  drift::for_each_in_parallel(distinct, judge_one);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string name = all[i].name;
    all[i] = distinct[like[i]];
    all[i].name = name;
  }
}

/// The conventions as they are; where none fits, with the habits of programs; where none does then,
/// the classes with their own switches, of which those that fit are kept.
template <class Rule>
std::vector<Candidate<Rule>> judged(const Record& run, const Options& options) {
  const auto fits = [](const auto& each) { return each.consistent(); };
  auto all = candidates_for<Rule>(options);
  judge_each(all, [&](auto& each) { judge(each, run); });
  if (std::any_of(all.begin(), all.end(), fits)) return all;
  // A convention without habits is the simpler reading, and some habits would excuse its rivals.
  judge_each(all, [&](auto& each) { excuse_by_habit(each, run); });
  if (std::any_of(all.begin(), all.end(), fits) || !options.conventions.empty()) return all;
  auto others = switched<Rule>(options);
  judge_each(others, [&](auto& each) { judge(each, run); });
  std::copy_if(others.begin(), others.end(), std::back_inserter(all), fits);
  return all;
}

template <class Rule>
Report report(const Record& run, const Options& options) {
  const auto candidates = judged<Rule>(run, options);
  Report all{Rule::name, run.steps, run.coordinates, {}, {}, {}, {}};
  for (const auto& each : candidates) {
    const auto& outcome = each.attempt.outcome;
    const auto numbers = shown<Rule>(each.attempt.h, each.known);
    if (each.consistent())
      all.consistent.push_back({each.name, numbers, outcome.worst, outcome.teeth});
    if (each.excluded())
      all.excluded.push_back({each.name, numbers, *outcome.first, outcome.teeth});
  }
  const bool some_show_nothing =
      std::any_of(candidates.begin(), candidates.end(), [](const auto& each) {
        return each.refusal.empty() && !each.excluded() && !each.consistent();
      });
  if (all.consistent.empty() && (all.excluded.empty() || some_show_nothing)) {
    if (!candidates[0].refusal.empty()) throw std::invalid_argument(candidates[0].refusal);
    throw NotDetermined(text(Rule::name, ": no step of the run moves by more than rounding may"));
  }
  const auto maps = maps_of<Rule>(candidates);
  all.findings = findings<Rule>(candidates, maps, run);
  all.verdict = verdict<Rule>(candidates, maps, run, options);
  all.determined = !maps.empty() || sought<Rule>(candidates).empty();
  return all;
}

}  // namespace

Report identify(const std::string& rule, const Record& run, const Options& options) {
  std::optional<Report> found;
  settings::with_rule(rule, [&]<class Rule>(Rule) { found = report<Rule>(run, options); });
  return found.value();
}

}  // namespace truestep::identify
