// SPDX-License-Identifier: Apache-2.0
#include "identify.hpp"

#include <truestep/proofs/statements.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "apart.hpp"
#include "box_search.hpp"
#include "identify/every_rule.hpp"
#include "look_ahead.hpp"
#include "runs/parallel.hpp"
#include "runs/typed.hpp"
#include "numbers.hpp"
#include "replay.hpp"
#include "text.hpp"

namespace truestep::identify {
namespace {

/// What a convention makes of the run at the numbers that suit it best.
template <class Rule>
struct Attempt {
  Numbers<Rule> h;
  Outcome outcome = {};
  std::vector<std::string> estimated = {};  ///< names of the numbers that are not the convention's
};

template <class Rule>
struct Candidate {
  std::string name;
  settings::Given known;
  Attempt<Rule> attempt;
  Numbers<Rule> with_places = attempt.h;  ///< weight decay in its place even while there is none
  std::vector<std::string> unknown = {};  ///< numbers of every version that are not known
  std::vector<std::string> further = {};  ///< those that the class has besides
  std::optional<Coefficients> habit = {};
  std::string refusal = {};  ///< why the convention cannot take the numbers given
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

/// Steps of a coordinate over a part of a box that a search may take: for numbers that make a
/// convention fit; for one number otherwise than told; for a proof that there are none; and for
/// such a proof with one habit.
namespace effort {
inline constexpr std::size_t to_fit = 16000, to_excuse = 3000, to_exclude = 1500, by_habit = 400;
}

/// Takes what a search found, and where it found none, the nearest that it tried.
template <class Rule>
void take(Candidate<Rule>& candidate, const Searched<Rule>& found, const Record& run) {
  auto names = candidate.unknown;
  names.insert(names.end(), candidate.further.begin(), candidate.further.end());
  candidate.end = found.end;
  candidate.habit = found.habit;
  auto& [h, outcome, estimated] = candidate.attempt;
  if (found.end == End::fits) {
    for (const auto& each : sought_numbers<Rule>(names))
      if (found.h.*each.member != h.*each.member) estimated.push_back(each.name);
    h = found.h;
    outcome = found.outcome;
  } else if (found.outcome.first) {
    h = found.h;
    outcome = found.outcome;
  } else if (!outcome.first) {
    outcome = replayed<Rule>(h, run);
  }
}

/// Whether the convention fits with its coefficients formed as usual.
template <class Rule>
void judge(Candidate<Rule>& candidate, const Record& run, const Forming& forming = {},
           std::size_t most = effort::to_fit) {
  using enum End;
  if (!candidate.refusal.empty()) return;
  try {
    const auto& h = candidate.attempt.h;
    if (candidate.unknown.empty()) {
      const auto outcome = replayed<Rule>(h, run);
      take(candidate, Searched<Rule>{outcome.first ? excluded : fits, h, outcome}, run);
    } else {
      take(candidate,
           BoxSearch<Rule>(h, sought_numbers<Rule>(candidate.unknown), run, forming, most).result(),
           run);
    }
  } catch (const std::invalid_argument& error) {
    candidate.refusal = error.what();
  }
}

/// Whether no number that the class has, and no habit of forming coefficients, makes a convention
/// fit that does not as it is: it is excluded then, else open, or fits with a habit.
template <class Rule>
void rule_out(Candidate<Rule>& candidate, const Record& run) {
  using enum End;
  if (!candidate.refusal.empty() || candidate.end == fits) return;
  auto names = candidate.unknown;
  names.insert(names.end(), candidate.further.begin(), candidate.further.end());
  if (names.empty()) {
    const auto& h = candidate.attempt.h;
    const auto fit = replayed_by_any<Rule>(h, run);
    take(candidate, Searched<Rule>{fit.outcome.first ? excluded : fits, h, fit.outcome, fit.habit},
         run);
    return;
  }
  if (names.size() > Box::most) {
    candidate.end = open;
    return;
  }
  const auto search = [&](const Forming& forming, std::size_t most) {
    return BoxSearch<Rule>(candidate.with_places, sought_numbers<Rule>(names), run, forming, most)
        .result();
  };
  auto found = search({.any = !run.in_double}, effort::to_exclude);
  candidate.by_further = !candidate.further.empty();
  constexpr std::size_t few = 2;  // so that eight more searches are soon done
  if (found.end != open || run.in_double || names.size() > few) {
    take(candidate, found, run);
    return;
  }
  // Any habit allows more than each does.
  found = search({}, effort::to_exclude);
  for (const auto& habit : habits) {
    if (found.end != excluded) break;
    found = search({.how = habit}, effort::by_habit);
    found.habit = habit;
  }
  take(candidate, found, run);
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

/// The customary values of a number, other than the one taken, that some coordinates allow as well.
template <class Rule>
std::vector<std::string> alternatives(const Numbers<Rule>& h, const std::string& name,
                                      const Record& few) {
  std::vector<std::string> others;
  for (const double value : customary(name, sought_numbers<Rule>({name}).front().domain)) {
    Numbers<Rule> other = h;
    double& at = *number<Rule>(other, name);
    if (at == value) continue;
    at = value;
    if (!replayed<Rule>(other, few).first) others.push_back(shortest(value));
  }
  return others;
}

template <class Rule>
void add_undetermined(std::vector<Finding>& findings,
                      const std::vector<Candidate<Rule>>& candidates, const Record& run) {
  const Record few = some_coordinates(run, 16);
  for (const auto& each : candidates)
    for (const auto& [name, member] : Rule::hyperparameters) {
      if (!each.consistent() || each.habit || each.known.contains(name)) continue;
      if (name == std::string("learning_rate")) continue;
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
    if (each.shows_nothing())
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
    if (each.attempt.outcome.first) whole.push_back({&each, {}});
  if (whole.empty()) return "none was tried at any numbers";
  drift::for_each_in_parallel(whole, [&](auto& each) {
    each.second = replayed<Rule>(each.first->attempt.h, run, Extent::whole_run);
  });
  const auto& [candidate, outcome] = *std::min_element(
      whole.begin(), whole.end(),
      [](const auto& a, const auto& b) { return a.second.failures < b.second.failures; });
  const Place first = outcome.first ? *outcome.first : outcome.worst;
  return text("nearest is ", candidate->name, ", which breaks first at step ", first.step,
              ", coordinate ", first.coordinate, ", by ", first.excess, " times the bound; ",
              outcome.failures, " of ", run.steps * run.coordinates,
              " steps of a coordinate break it");
}

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

template <class Rule>
std::vector<std::string> names(const std::vector<Candidate<Rule>>& candidates) {
  std::vector<std::string> all;
  for (const auto& each : candidates) all.push_back(each.name);
  return all;
}

/// The same, each with the numbers that were not told and are not the convention's own.
template <class Rule>
std::vector<std::string> names_with_numbers(const std::vector<Candidate<Rule>>& candidates) {
  std::vector<std::string> all;
  for (const auto& each : candidates) {
    std::string name = each.name;
    auto h = each.attempt.h;
    for (const auto& number_name : each.attempt.estimated)
      name += text(",", number_name, "=", shortest(*number<Rule>(h, number_name)));
    all.push_back(name);
  }
  return all;
}

/// The numbers that were not told of some candidate, and that it has.
template <class Rule>
std::vector<std::string> not_told(const std::vector<Candidate<Rule>>& candidates) {
  std::vector<std::string> all;
  for (const auto& each : candidates)
    for (const auto* list : {&each.unknown, &each.further})
      for (const auto& name : *list)
        if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  return all;
}

/// The conventions that would fit, by what would have to be otherwise: "epsilon = 1e-06, not 1e-08:
/// pytorch, optax".
inline std::string told_otherwise(const std::vector<Otherwise>& rivals) {
  std::vector<std::pair<std::string, std::vector<std::string>>> by_number;
  for (const auto& each : rivals) {
    const auto which = text(each.number, " = ", each.fits_at, ", not the ", each.told, " told");
    const auto known = std::find_if(by_number.begin(), by_number.end(),
                                    [&](const auto& one) { return one.first == which; });
    (known == by_number.end() ? *by_number.insert(by_number.end(), {which, {}}) : *known)
        .second.push_back(each.convention);
  }
  std::string all;
  for (const auto& [which, conventions] : by_number)
    all += text(all.empty() ? "" : "; ", joined(conventions), " with ", which);
  return all;
}

/// Where nothing fits: "no" if every convention is excluded, whatever was not told of it, and with
/// any one number otherwise than told; else what would decide.
template <class Rule>
std::string negative(const std::vector<Candidate<Rule>>& candidates, const Rivals<Rule>& rivals,
                     const Record& run, const Options& options) {
  std::vector<std::string> judged;
  for (const auto& each : candidates) judged.push_back(each.name);
  const std::string none = options.conventions.empty() ? text("no convention of ", Rule::name)
                                                       : text("none of ", joined(judged));
  const std::string near = nearest<Rule>(candidates, run);
  if (!rivals.otherwise.empty())
    return text("not determined: ", none,
                " fits as told; what would: ", told_otherwise(rivals.otherwise), ". As told, ",
                near);
  if (rivals.open.empty() && rivals.all_told_otherwise_excluded)
    return text(none, " fits: ", near,
                "; nor does one with any single number otherwise than it was told",
                not_told<Rule>(candidates).empty()
                    ? std::string()
                    : text("; excluded are all values of ", joined(not_told<Rule>(candidates)),
                           ", of weights up to 1 - 2^-30, of others up to 2^10"));
  if (rivals.open.empty())
    return text("not determined: ", none,
                " fits as told, and whether one does with a number otherwise than told was not "
                "found out: ",
                near);
  const auto missing = not_told<Rule>(rivals.open);
  return text("not determined: ", none, " fits at the numbers that were tried",
              missing.empty() ? std::string() : text(" of ", joined(missing)),
              ", but the search was not exhausted for ", joined(names<Rule>(rivals.open)),
              missing.empty() ? "" : "; telling those numbers would decide", ": ", near);
}

template <class Rule>
std::string verdict(const std::vector<Candidate<Rule>>& candidates, const Maps<Rule>& maps,
                    const Rivals<Rule>& rivals, const Record& run, const Options& options) {
  if (maps.empty()) return negative<Rule>(candidates, rivals, run, options);
  std::string all = text(Rule::name, " as in ", joined(names<Rule>(maps[0])));
  for (std::size_t i = 1; i < maps.size(); ++i)
    all += text("; or as in ", joined(names<Rule>(maps[i])));
  if (maps.size() > 1) all += ": the run cannot tell them apart";
  if (!rivals.switched.empty())
    all += text("; by an option that was not told, also ", joined(names<Rule>(rivals.switched)));
  if (!rivals.by_number.empty())
    all += text("; with a number that was not told, also ",
                joined(names_with_numbers<Rule>(rivals.by_number)));
  if (!rivals.by_habit.empty())
    all += text("; with coefficients formed in float, also ", joined(names<Rule>(rivals.by_habit)));
  if (!rivals.open.empty()) {
    all += text("; not excluded: ", joined(names<Rule>(rivals.open)));
    if (const auto missing = not_told<Rule>(rivals.open); !missing.empty())
      all += text(" (telling ", joined(missing), " would decide)");
  }
  if (!rivals.otherwise.empty())
    all += text("; if a number is not as told, also ", told_otherwise(rivals.otherwise));
  if (!rivals.perhaps.empty())
    all += text("; not excluded with a number that is not as told: ", joined(rivals.perhaps));
  return all;
}

/// The numbers that a class has beyond those of every version, as far as they are not known.
template <class Rule>
std::vector<std::string> further_numbers(const fast::Convention<Numbers<Rule>>& row,
                                         const settings::Given& known) {
  std::vector<std::string> all;
  const auto* const optimizer = row.optimizer();
  if (optimizer == nullptr) return all;
  const std::string has = " " + std::string(optimizer->numbers);
  const auto consider = [&](const std::string& name) {
    const bool every_version =
        std::any_of(Rule::hyperparameters.begin(), Rule::hyperparameters.end(),
                    [&](const auto& each) { return name == each.name; });
    const bool has_place =
        name != "weight_decay" || row.hyperparameters.weight_decay_place != fast::WeightDecay::none;
    if (!every_version && !known.contains(name) && has_place &&
        has.find(" " + name + "=") != has.npos)
      all.push_back(name);
  };
  fast::for_each_number<typename Rule::Fast>(
      [&]<class Value>(const fast::NamedNumber<Numbers<Rule>, Value>& number) {
        if constexpr (std::is_same_v<Value, double>) consider(number.name);
      });
  return all;
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
    const auto& row = *fast::find_convention<Numbers<Rule>>(convention);
    Candidate<Rule> candidate{name, known, {with_known<Rule>(row.hyperparameters, known)}};
    candidate.with_places = row.hyperparameters;
    settings::apply<Rule>(candidate.with_places, known);
    for (const auto& [each, member] : Rule::hyperparameters)
      if (!known.contains(each)) candidate.unknown.push_back(each);
    candidate.further = further_numbers<Rule>(row, known);
    if (const auto lacking = settings::lacking_option<Rule>(row, options.given); !lacking.empty())
      candidate.refusal = text(Rule::name, ": the class has no ", lacking);
    all.push_back(candidate);
  }
  return all;
}

/// An option of a class: the switch, and what it sets.
struct Switch {
  std::string_view name, members;
};

inline std::vector<Switch> switches_of(std::string_view options) {
  std::vector<Switch> all;
  for (std::string_view rest = options; !rest.empty();) {
    const auto one = rest.substr(0, rest.find("; "));
    rest.remove_prefix(std::min(one.size() + 2, rest.size()));
    if (const auto colon = one.find(':'); colon != one.npos)
      all.push_back({one.substr(0, one.find('=')), one.substr(colon + 1)});
  }
  return all;
}

/// Each class with its own options that are not as by default, in all their combinations.
template <class Rule>
std::vector<Candidate<Rule>> switched(const Options& options) {
  std::vector<Candidate<Rule>> all;
  for (const auto& row : fast::conventions_of<Numbers<Rule>>) {
    // Several values of one switch exclude one another.
    std::vector<std::pair<std::set<std::string_view>, settings::Given>> combined{{{}, {}}};
    for (const auto& [name, members] : switches_of(row.options))
      for (std::size_t i = 0, end = combined.size(); i < end; ++i) {
        auto [used, own] = combined[i];
        if (!used.insert(name).second) continue;
        for (const auto& [member, value] : settings::read_assignments<Rule>(members))
          own[member] = value;
        combined.push_back({used, own});
      }
    for (const auto& [used, own] : combined) {
      if (used.empty()) continue;
      Options with_switch = options;
      with_switch.conventions = {{std::string(row.name), own}};
      const auto candidate = candidates_for<Rule>(with_switch).front();
      const auto unswitched = with_known<Rule>(row.hyperparameters, options.given);
      const bool is_new = std::none_of(all.begin(), all.end(), [&](const auto& each) {
        return each.name.starts_with(std::string(row.name) + ",") &&
               each.attempt.h == candidate.attempt.h;
      });
      if (candidate.attempt.h != unswitched && is_new) all.push_back(candidate);
    }
  }
  return all;
}

/// Judges every candidate, once for those that are the same.
template <class Rule, class Same, class Judge>
void judge_each(std::vector<Candidate<Rule>>& all, const Same& same, const Judge& judge_one) {
  std::vector<Candidate<Rule>> distinct;
  std::vector<std::size_t> like;
  for (const auto& candidate : all) {
    const auto known = std::find_if(distinct.begin(), distinct.end(),
                                    [&](const auto& each) { return same(each, candidate); });
    like.push_back(static_cast<std::size_t>(known - distinct.begin()));
    if (known == distinct.end()) distinct.push_back(candidate);
  }
  drift::for_each_in_parallel(distinct, judge_one);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& judged = distinct[like[i]];
    all[i].attempt = judged.attempt;
    all[i].unknown = judged.unknown;
    all[i].habit = judged.habit;
    all[i].refusal = judged.refusal;
    all[i].end = judged.end;
    all[i].by_further = judged.by_further;
  }
}

/// Tries the numbers with which some candidate fits in those that do not yet.
template <class Rule>
void lend_numbers(std::vector<Candidate<Rule>>& all, const Record& run) {
  std::vector<Numbers<Rule>> fitting;
  for (const auto& each : all)
    if (each.consistent() &&
        std::find(fitting.begin(), fitting.end(), each.attempt.h) == fitting.end())
      fitting.push_back(each.attempt.h);
  drift::for_each_in_parallel(all, [&](auto& each) {
    if (!each.open()) return;
    for (const auto& lender : fitting) {
      auto h = each.attempt.h;
      for (const auto& number : sought_numbers<Rule>(each.unknown))
        h.*number.member = lender.*number.member;
      const auto outcome = replayed<Rule>(h, run);
      if (outcome.first) continue;
      take(each, Searched<Rule>{End::fits, h, outcome}, run);
      return;
    }
  });
}

/// Fits candidates, then rules out what does not fit.
template <class Rule>
void settle(std::vector<Candidate<Rule>>& all, const Record& run) {
  const auto one_map = [](const auto& a, const auto& b) {
    return a.attempt.h == b.attempt.h && a.known == b.known && a.unknown == b.unknown &&
           a.refusal == b.refusal;
  };
  judge_each(all, one_map, [&](auto& each) { judge(each, run); });
  lend_numbers(all, run);
  const auto one_class = [&](const auto& a, const auto& b) {
    return one_map(a, b) && a.with_places == b.with_places && a.further == b.further &&
           a.end == b.end;
  };
  judge_each(all, one_class, [&](auto& each) { rule_out(each, run); });
}

/// What makes a convention fit that is excluded as told.
struct Excuses {
  std::vector<Otherwise> found;
  bool all_excluded = true;
};

/// With one number of every version otherwise than it was told, or with all of them rounded to
/// float in a run in double.
template <class Rule>
Excuses excuses_of(const Candidate<Rule>& candidate, const Record& run) {
  using enum End;
  Excuses excuses;
  for (const auto& [name, member] : Rule::hyperparameters) {
    if (!candidate.known.contains(name)) continue;
    if (name == std::string("learning_rate") && !run.learning_rate.empty()) continue;
    Candidate<Rule> free = candidate;
    free.unknown.push_back(name);
    free.attempt = {fast::without_idle_choices(candidate.with_places)};
    judge(free, run, {.any = !run.in_double}, effort::to_excuse);
    if (free.end == fits && free.attempt.outcome.teeth > 0)
      excuses.found.push_back({candidate.name, name, shortest(candidate.with_places.*member),
                               shortest(free.attempt.h.*member)});
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

/// Looks for the excuses of all that is excluded, once for those with the same description.
template <class Rule>
void add_excuses(const std::vector<Candidate<Rule>>& all, const Record& run, Rivals<Rule>& rivals) {
  std::vector<std::pair<Candidate<Rule>, Excuses>> distinct;
  const auto same = [](const Candidate<Rule>& each) {
    return [&each](const auto& one) {
      return one.first.with_places == each.with_places && one.first.known == each.known;
    };
  };
  for (const auto& each : all)
    if (each.excluded() && std::none_of(distinct.begin(), distinct.end(), same(each)))
      distinct.push_back({each, {}});
  drift::for_each_in_parallel(distinct,
                              [&](auto& one) { one.second = excuses_of(one.first, run); });
  for (const auto& each : all) {
    if (!each.excluded()) continue;
    const auto& excuses = std::find_if(distinct.begin(), distinct.end(), same(each))->second;
    for (auto one : excuses.found) {
      one.convention = each.name;
      rivals.otherwise.push_back(one);
    }
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
  all = candidates_for<Rule>(options);
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
  if (options.conventions.empty()) others = switched<Rule>(options);
  settle(others, run);
  const bool found = std::any_of(all.begin(), all.end(), fits);
  for (const auto& each : others)
    if (each.consistent()) (found ? rivals.switched : all).push_back(each);
  for (const auto* list : {&all, &others})
    for (const auto& each : *list)
      if (each.open()) rivals.open.push_back(each);
  add_excuses(all, run, rivals);
  return result;
}

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

}  // namespace

Report identify(const std::string& rule, const Record& run, const Options& options) {
  std::optional<Report> found;
  settings::with_rule(rule, [&]<class Rule>(Rule) { found = report<Rule>(run, options); });
  return found.value();
}

}  // namespace truestep::identify
