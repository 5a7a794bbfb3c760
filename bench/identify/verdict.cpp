// SPDX-License-Identifier: Apache-2.0
#include "verdict.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>
#include <variant>

#include "any_rule.hpp"
#include "replayed.hpp"
#include "runs/parallel.hpp"
#include "text.hpp"

namespace truestep::identify {
namespace {

/// The candidate with the fewest steps outside its bound.
struct Nearest {
  const Candidate* candidate = nullptr;  ///< none where none was tried at any numbers
  std::optional<Outcome> outcome = {};   ///< over the whole run, unless the user asked to stop
};

/// That candidate, as the whole run has it, or some coordinates of a large one. Numbers that many
/// classes share are replayed once.
Nearest nearest_of(const std::vector<Candidate>& candidates, const Record& run) {
  constexpr std::size_t large = std::size_t{1} << 18, some = 64;
  const bool is_large = run.steps > large / run.coordinates;
  const Record few = is_large ? some_coordinates(run, some) : Record{};
  std::vector<Nearest> tried;
  for (const auto& each : candidates)
    if (each.attempt.outcome.first &&
        std::none_of(tried.begin(), tried.end(),
                     [&](const auto& one) { return one.candidate->attempt.h == each.attempt.h; }))
      tried.push_back({&each});
  drift::for_each_in_parallel(tried, [&](auto& each) {
    each.outcome =
        replayed_unless_stopped(each.candidate->attempt.h, is_large ? few : run, Extent::whole_run);
  });
  std::erase_if(tried, [](const auto& each) { return !each.outcome; });
  if (tried.empty()) return {};
  auto nearest = *std::min_element(tried.begin(), tried.end(), [](const auto& a, const auto& b) {
    return a.outcome->failures < b.outcome->failures;
  });
  if (is_large)
    nearest.outcome = replayed_unless_stopped(nearest.candidate->attempt.h, run, Extent::whole_run);
  return nearest;
}

std::string words_of(const Nearest& nearest, const Record& run) {
  const auto& [candidate, outcome] = nearest;
  if (candidate == nullptr) return "none was tried at any numbers";
  const Place first =
      outcome && outcome->first ? *outcome->first : *candidate->attempt.outcome.first;
  return text("nearest is ", candidate->name, ", which breaks first at step ", first.step,
              ", coordinate ", run.number(first.coordinate), ", by ", first.excess,
              " times the bound",
              outcome ? text("; ", outcome->failures, " of ", run.steps * run.coordinates,
                             " steps of a coordinate break it")
                      : std::string());
}

std::vector<std::string> names(const std::vector<Candidate>& candidates) {
  std::vector<std::string> all;
  for (const auto& each : candidates) all.push_back(each.name);
  return all;
}

/// The same, each with the numbers that were not told and are not the convention's own.
std::vector<std::string> names_with_numbers(const std::vector<Candidate>& candidates) {
  std::vector<std::string> all;
  for (const auto& each : candidates) {
    std::string name = each.name;
    const auto& h = each.attempt.h;
    for (const auto& number_name : each.attempt.estimated)
      name += text(",", number_name, "=", shortest(h.number(number_name)));
    all.push_back(name);
  }
  return all;
}

/// The numbers that were not told of some candidate, and that it has.
std::vector<std::string> not_told(const std::vector<Candidate>& candidates) {
  std::vector<std::string> all;
  for (const auto& each : candidates)
    for (const auto* list : {&each.unknown, &each.further})
      for (const auto& name : *list)
        if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  return all;
}

/// The conventions that would fit, by what would have to be otherwise, the simplest number first:
/// "pytorch, optax with epsilon = 1e-06, not the 1e-08 told".
std::string told_otherwise(const std::vector<Otherwise>& rivals) {
  std::vector<std::pair<std::string, std::vector<std::string>>> by_number;
  for (const auto& each : rivals) {
    const auto which = words_of(each);
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

/// Which of the numbers that were told have been looked for otherwise, one at a time, and which
/// have not.
std::string told_anyway(const Options& options, const Rivals& rivals) {
  std::vector<std::string> otherwise, as_told;
  for (const auto& [name, value] : options.given)
    (rivals.asked.contains(name) ? otherwise : as_told).push_back(name);
  return (otherwise.empty() ? ""
                            : text("; nor does one with another value of one of ",
                                   joined(otherwise), " than was told")) +
         (as_told.empty() ? "" : text("; as told are taken ", joined(as_told)));
}

/// What a record of which no first step fits may lack: the states that it began with.
std::string what_to_record(const Candidate* candidate, const Record& run) {
  if (candidate == nullptr || !run.start.empty()) return "";
  if (candidate->attempt.outcome.first->step != 1) return "";
  const auto states = candidate->attempt.h.rule().states(candidate->attempt.h);
  if (states.empty()) return "";
  return text(
      ". It is taken to begin with its first step; a record of one that had begun before "
      "has to hold ",
      joined(states), " too");
}

/// Where nothing fits: "no" if every convention is excluded, whatever was not told of it, and with
/// any one number otherwise than told; else what would decide.
std::string negative(const AnyRule& rule, const std::vector<Candidate>& candidates,
                     const Nearest& nearest, const Rivals& rivals, const Record& run,
                     const Options& options) {
  std::vector<std::string> judged;
  for (const auto& each : candidates) judged.push_back(each.name);
  const std::string none = options.conventions.empty() ? text("no convention of ", rule.name)
                                                       : text("none of ", joined(judged));
  const std::string near = words_of(nearest, run);
  if (!rivals.otherwise.empty())
    return text("not determined: ", none,
                " fits as told; what would: ", told_otherwise(rivals.otherwise), ". As told, ",
                near);
  if (rivals.open.empty() && rivals.all_told_otherwise_excluded)
    return text(none, " fits: ", near, told_anyway(options, rivals),
                not_told(candidates).empty()
                    ? std::string()
                    : text("; excluded are all values of ", joined(not_told(candidates)),
                           ", of weights up to 1 - 2^-30, of others up to 2^10"));
  if (rivals.open.empty())
    return text("not determined: ", none,
                " fits as told, and whether one does with a number otherwise than told was not "
                "found out: ",
                near);
  const auto missing = not_told(rivals.open);
  return text("not determined: ", none, " fits at the numbers that were tried",
              missing.empty() ? std::string() : text(" of ", joined(missing)),
              ", but the search was not exhausted for ", joined(names(rivals.open)),
              missing.empty() ? "" : "; telling those numbers would decide", ": ", near);
}

/// The first of many names, and how many more there are.
std::string shortened(const std::vector<std::string>& names) {
  constexpr std::size_t most = 4;
  if (names.size() <= most + 1) return joined(names);
  return text(joined({names.begin(), names.begin() + most}), " and ", names.size() - most, " more");
}

/// What fits with a deviation, the smallest first; "" where nothing is known to.
std::string diagnosed(const std::vector<Deviation>& deviations) {
  constexpr std::size_t most = 3;
  std::string all;
  for (std::size_t k = 0; k < std::min(most, deviations.size()); ++k)
    all += text(k == 0 ? ". With one deviation it is as in " : "; or as in ",
                shortened(deviations[k].conventions), ", if ", deviations[k].words);
  return all;
}

/// How a run counts that does not as one from its first step on, where that is what fits.
std::string counted(const Description& h, const Record& run) {
  std::string all;
  if (const auto* const found = h.find("counter_stride"))
    if (const auto stride = std::get<std::uint64_t>(*found); stride > 1)
      all += text("; t counts in steps of ", stride, " from ",
                  settings::text_of(*h.find("first_power")), ", as where ", stride,
                  " tensors share it");
  const bool has_begun = std::any_of(run.start.begin(), run.start.end(), [](const auto& state) {
    return std::any_of(state.second.begin(), state.second.end(), [](double x) { return x != 0; });
  });
  if (!has_begun || run.count(1) != 1) return all;
  Record later = run;
  later.t.clear();
  for (std::size_t n = 1; n <= run.steps; ++n) later.t.push_back(run.count(n) + 1);
  if (const auto outcome = replayed_unless_stopped(h, later); outcome && outcome->first)
    all +=
        "; t starts at 1 though the states before that step are not 0, as where a run was resumed "
        "without its counter";
  return all;
}

/// The conventions that count as one does and are else the same map, where that is all that keeps
/// them from the run: "; it is pytorch, optax but for its counter".
std::string same_but_for_counter(const std::vector<Candidate>& candidates, const Description& h) {
  if (h.find("counter_stride") != nullptr) {
    auto usual = h;
    for (const char* const name : {"counter_stride", "first_power"})
      *usual.find(name) = *h.rule().defaults.find(name);
    std::vector<std::string> same;
    for (const auto& each : candidates)
      if (each.attempt.h == usual) same.push_back(each.name);
    if (usual != h && !same.empty()) return text("; but for that it is ", joined(same));
  }
  return "";
}

/// What fits as told, each map apart, and how the first counts.
std::string as_told(const std::vector<Candidate>& candidates, const Maps& maps, const Record& run) {
  std::string all = joined(names(maps[0]));
  for (std::size_t i = 1; i < maps.size(); ++i) all += text("; or as in ", joined(names(maps[i])));
  if (maps.size() > 1) all += ": the run cannot tell them apart";
  const auto& h = maps[0].front()->attempt.h;
  const auto count = counted(h, run);
  return all + count + (count.empty() ? "" : same_but_for_counter(candidates, h));
}

/// Whether a number that is not as told explains the run far better than anything does as told: its
/// worst step is less than half as many roundings off, and a person would write the number so.
bool goes_first(const std::vector<Otherwise>& otherwise, const Maps& maps) {
  if (otherwise.empty()) return false;
  const auto& simplest = otherwise.front();
  if (simplest.fits_at != shortest(rounded(std::strtod(simplest.fits_at.c_str(), nullptr), 2)))
    return false;
  for (const auto& map : maps)
    if (farthest(*map.front()) <= 2 * simplest.off) return false;
  return true;
}

}  // namespace

std::string verdict(const AnyRule& rule, const std::vector<Candidate>& candidates, const Maps& maps,
                    const Rivals& rivals, const std::vector<Deviation>& deviations,
                    const Record& run, const Options& options) {
  if (maps.empty()) {
    const bool is_explained = !rivals.otherwise.empty() || !deviations.empty();
    const auto nearest = nearest_of(candidates, run);
    return negative(rule, candidates, nearest, rivals, run, options) + diagnosed(deviations) +
           (is_explained ? "" : what_to_record(nearest.candidate, run));
  }
  std::string all = text(rule.name, " as in ");
  auto otherwise = rivals.otherwise;
  // A number that was told wrong is likelier than what follows.
  if (goes_first(otherwise, maps)) {
    const auto simplest = words_of(otherwise.front());
    const auto rest =
        std::stable_partition(otherwise.begin(), otherwise.end(),
                              [&](const auto& each) { return words_of(each) == simplest; });
    all += text(told_otherwise({otherwise.begin(), rest}), "; or, as told, as in ");
    otherwise.erase(otherwise.begin(), rest);
  }
  all += as_told(candidates, maps, run);
  if (!otherwise.empty())
    all += text("; if a number is not as told, also ", told_otherwise(otherwise));
  if (!rivals.switched.empty())
    all += text("; by an option that was not told, also ", joined(names(rivals.switched)));
  if (!rivals.by_number.empty())
    all += text("; with a number that was not told, also ",
                joined(names_with_numbers(rivals.by_number)));
  if (!rivals.by_habit.empty())
    all += text("; with coefficients formed in float, also ", joined(names(rivals.by_habit)));
  if (!rivals.open.empty()) {
    all += text("; not excluded: ", joined(names(rivals.open)));
    if (const auto missing = not_told(rivals.open); !missing.empty())
      all += text(" (telling ", joined(missing), " would decide)");
  }
  std::vector<std::string> silent;
  for (const auto& each : candidates)
    if (each.shows_nothing()) silent.push_back(each.name);
  if (!silent.empty())
    all += text("; not excluded, since by them no step moves by more than its bound: ",
                joined(silent));
  if (!rivals.perhaps.empty())
    all += text("; not excluded with a number that is not as told: ", joined(rivals.perhaps));
  return all;
}

}  // namespace truestep::identify
