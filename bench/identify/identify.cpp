#include "identify.hpp"

#include <truestep/proofs/statements.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "apart.hpp"
#include "runs/parallel.hpp"
#include "numbers.hpp"
#include "replay.hpp"
#include "search.hpp"
#include "text.hpp"

namespace truestep::identify {
namespace {

template <class Rule>
struct Candidate {
  std::string name;
  Attempt<Rule> attempt;
  std::optional<Coefficients> habit = {};
  std::string refusal = {};  ///< why the convention cannot take the numbers given

  bool consistent() const { return refusal.empty() && attempt.outcome.consistent(); }
  bool excluded() const { return refusal.empty() && attempt.outcome.first; }
};

template <class Rule>
void judge(Candidate<Rule>& candidate, const Record& run, const Options& options) {
  try {
    candidate.attempt = Search<Rule>(candidate.attempt.h, run, options).best();
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
                      const std::vector<Candidate<Rule>>& candidates, const Record& run,
                      const Options& options) {
  const Record few = some_coordinates(run, searched_coordinates);
  for (const auto& each : candidates)
    for (const auto& [name, member] : Rule::hyperparameters) {
      if (!each.consistent() || each.habit || !is_sought(name, options)) continue;
      if (const auto others = alternatives<Rule>(each.attempt.h, name, few); !others.empty())
        add(findings, "undetermined",
            text(name, " may be ", shortest(each.attempt.h.*member), " or ", joined(others)),
            each.name);
    }
}

/// The switch of a rule that no convention has on: its member and its option.
template <class Rule>
auto switch_of(Numbers<Rule>& h) {
  if constexpr (requires { h.amsgrad; })
    return std::pair(&h.amsgrad, "--amsgrad");
  else if constexpr (requires { h.centered; })
    return std::pair(&h.centered, "--centered");
  else
    return std::pair(static_cast<bool*>(nullptr), "");
}

/// Names the conventions that the rule's switch would make consistent.
template <class Rule>
void add_flag(std::vector<Finding>& findings, const std::vector<Candidate<Rule>>& candidates,
              const Record& run) {
  std::vector<std::string> fitting;
  const char* option = "";
  for (const auto& each : candidates) {
    auto h = each.attempt.h;
    const auto [on, name] = switch_of<Rule>(h);
    if (!each.excluded() || !on || *on) continue;
    *on = true;
    option = name;
    try {
      if (replayed<Rule>(h, run).consistent()) fitting.push_back(each.name);
    } catch (const std::invalid_argument&) {
      continue;  // the convention has no such switch
    }
  }
  if (!fitting.empty())
    findings.push_back({"flag", text(option, " would make ", joined(fitting), " consistent")});
}

template <class Rule>
std::vector<Finding> findings(const std::vector<Candidate<Rule>>& candidates,
                              const Maps<Rule>& maps, const Record& run, const Options& options) {
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
  add_undetermined<Rule>(all, candidates, run, options);
  if (maps.empty()) add_flag<Rule>(all, candidates, run);
  const bool looks_ahead = std::any_of(maps.begin(), maps.end(), [](const auto& map) {
    const auto& h = map.front()->attempt.h;
    if constexpr (requires { h.nesterov; })
      return h.nesterov == fast::NesterovForm::look_ahead;
    else
      return std::is_same_v<Rule, rules::Of<fast::Momentum>>;
  });
  if (looks_ahead)
    all.push_back({"look_ahead",
                   "no record tells momentum from NAG whose gradients were taken at the look-ahead "
                   "point: given the gradients, they are one map"});
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

template <class Rule>
std::string verdict(const std::vector<Candidate<Rule>>& candidates, const Maps<Rule>& maps,
                    const Record& run) {
  if (maps.empty())
    return text("no convention of ", Rule::name, " fits: ", nearest<Rule>(candidates, run));
  std::string all = text(Rule::name, " as in ", joined(names<Rule>(maps[0])));
  for (std::size_t i = 1; i < maps.size(); ++i)
    all += text("; or as in ", joined(names<Rule>(maps[i])));
  return all + (maps.size() > 1 ? ": the run cannot tell them apart" : "");
}

/// Every convention, judged. Those with the same description are judged once.
template <class Rule>
std::vector<Candidate<Rule>> judged(const Record& run, const Options& options) {
  std::vector<Candidate<Rule>> distinct, all;
  std::vector<std::size_t> like;
  for (const auto& [name, defaults, source] : fast::conventions_of<Numbers<Rule>>) {
    const auto h = with_options<Rule>(defaults, options);
    const auto known = std::find_if(distinct.begin(), distinct.end(),
                                    [&](const auto& each) { return each.attempt.h == h; });
    like.push_back(static_cast<std::size_t>(known - distinct.begin()));
    all.push_back({std::string(name), {h, {}}});
    if (known == distinct.end()) distinct.push_back(all.back());
  }
  drift::for_each_in_parallel(distinct, [&](auto& each) { judge(each, run, options); });
  // A convention without habits is the simpler reading, and some habits would excuse its rivals.
  if (std::none_of(distinct.begin(), distinct.end(),
                   [](const auto& each) { return each.consistent(); }))
    drift::for_each_in_parallel(distinct, [&](auto& each) { excuse_by_habit(each, run); });
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string name = all[i].name;
    all[i] = distinct[like[i]];
    all[i].name = name;
  }
  return all;
}

template <class Rule>
Report report(const Record& run, const Options& options) {
  const auto candidates = judged<Rule>(run, options);
  Report all{Rule::name, run.steps, run.coordinates, {}, {}, {}, {}};
  for (const auto& each : candidates) {
    const auto& outcome = each.attempt.outcome;
    const auto numbers = shown<Rule>(each.attempt.h);
    if (each.consistent())
      all.consistent.push_back({each.name, numbers, outcome.worst, outcome.teeth});
    if (each.excluded())
      all.excluded.push_back({each.name, numbers, *outcome.first, outcome.teeth});
  }
  if (all.consistent.empty() && all.excluded.empty())
    throw std::invalid_argument(
        !candidates[0].refusal.empty()
            ? candidates[0].refusal
            : text(Rule::name, ": no step of the run moves by more than rounding may"));
  const auto maps = maps_of<Rule>(candidates);
  all.findings = findings<Rule>(candidates, maps, run, options);
  all.verdict = verdict<Rule>(candidates, maps, run);
  return all;
}

}  // namespace

Report identify(const std::string& rule, const Record& run, const Options& options) {
  std::optional<Report> found;
  std::vector<std::string> known;
  std::apply(
      [&](auto... each) {
        ((known.push_back(each.name),
          rule == each.name ? void(found = report<decltype(each)>(run, options)) : void()),
         ...);
      },
      rules::All{});
  if (!found)
    throw std::invalid_argument(text("rule = ", rule, " is not one of {", joined(known), "}"));
  return *found;
}

}  // namespace truestep::identify
