// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "candidate.hpp"
#include "edits.hpp"
#include "judging.hpp"

/// Coordinates of one run that were made with numbers of their own.
namespace truestep::identify {

/// The coordinates all of whose steps are within their bounds, some of which could have failed.
template <class Rule, class T>
std::vector<std::size_t> coordinates_that_fit(const Numbers<Rule>& h, const Record& run) {
  std::vector<bool> fails(run.coordinates, false), has_teeth(run.coordinates, false);
  for (std::size_t begin = 0; begin < run.coordinates; begin += together) {
    Replay<Rule, Judging<T>> replay(h, run, begin, std::min(together, run.coordinates - begin));
    for (std::size_t t = 1; t <= run.steps; ++t)
      replay.step(t, [&](std::size_t i, double before, const auto& theta, double after) {
        if (!theta.bounded()) return;
        const auto bound = bound_of_recorded(run, theta.radius, after);
        if (std::fabs(after - theta.value) > bound) fails[i] = true;
        if (bound < std::fabs(theta.value - before)) has_teeth[i] = true;
      });
  }
  std::vector<std::size_t> fit;
  for (std::size_t i = 0; i < run.coordinates; ++i)
    if (!fails[i] && has_teeth[i]) fit.push_back(i);
  return fit;
}

template <class Rule>
std::vector<std::size_t> coordinates_that_fit(const Numbers<Rule>& h, const Record& run) {
  return run.in_double ? coordinates_that_fit<Rule, double>(h, run)
                       : coordinates_that_fit<Rule, float>(h, run);
}

/// A description of some coordinates, by their places in the run.
template <class Rule>
struct Group {
  Numbers<Rule> h;
  std::vector<std::size_t> coordinates;
};

/// The numbers that make one coordinate fit, and all others that fit with them.
template <class Rule>
std::optional<Group<Rule>> grown(const Numbers<Rule>& h, const std::vector<std::string>& unknown,
                                 const Record& run, const std::vector<std::size_t>& left) {
  const Record rest = with_columns(run, left, run.steps);
  Group<Rule> group{h, {}};
  if (!unknown.empty()) {
    const auto found = searched<Rule>(h, unknown, with_columns(run, {left.front()}, run.steps), {},
                                      effort::to_excuse);
    if (found.end != End::fits) return {};
    group.h = found.h;
  }
  for (const std::size_t i : coordinates_that_fit<Rule>(group.h, rest))
    group.coordinates.push_back(left[i]);
  if (group.coordinates.empty()) return {};
  return group;
}

inline std::vector<std::size_t> without(const std::vector<std::size_t>& all,
                                        const std::vector<std::size_t>& taken) {
  std::vector<std::size_t> left;
  std::set_difference(all.begin(), all.end(), taken.begin(), taken.end(), std::back_inserter(left));
  return left;
}

/// The members in which two descriptions differ: "learning_rate = 0.0001".
template <class Rule>
std::string differences(const Numbers<Rule>& from, const Numbers<Rule>& to) {
  std::string all;
  settings::for_each_member<Numbers<Rule>>([&](const auto& named) {
    if (!(from.*named.member == to.*named.member))
      all += text(all.empty() ? "" : ", ", named.name, " = ", settings::text_of(to.*named.member));
  });
  return all;
}

/// Coordinates as they are numbered in what was recorded.
inline std::vector<std::size_t> numbered(const Record& run, std::vector<std::size_t> coordinates) {
  for (auto& each : coordinates) each = run.number(each);
  return coordinates;
}

/// The coordinates that some step moves.
inline std::vector<std::size_t> moving(const Record& run) {
  const auto frozen = frozen_coordinates(run);
  std::vector<std::size_t> all(run.coordinates);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return without(all, frozen);
}

/// How all coordinates fit a candidate, each group of them with one number of its own.
struct Groups {
  std::size_t count = 0;  ///< none where they do not fit so
  std::string words = {};
};

template <class Rule>
Groups grouped(const Candidate<Rule>& candidate, const Record& run) {
  // A number for each of a few steps would explain anything.
  constexpr std::size_t most_groups = 4, most_unknown = 2, least_steps = 4;
  const auto base = fast::without_idle_choices(candidate.with_places);
  if (candidate.unknown.size() > most_unknown || run.coordinates < 2 || run.steps < least_steps)
    return {};
  auto left = moving(run);
  const auto frozen = frozen_coordinates(run);
  if (left.empty()) return {};
  const auto first = grown<Rule>(base, candidate.unknown, run, left);
  if (!first) return {};
  left = without(left, first->coordinates);
  auto shared = first->h;
  Groups all{1, text("coordinates ", ranges(numbered(run, first->coordinates)),
                     candidate.unknown.empty() ? " are as told" : " have ")};
  std::string its;
  for (const auto& name : candidate.unknown)
    its += text(its.empty() ? "" : ", ", name, " = ", shortest(*number<Rule>(shared, name)));
  all.words += its;
  for (; all.count < most_groups && !left.empty(); ++all.count) {
    std::optional<Group<Rule>> best;
    auto free = candidate.further;
    for (const auto& [name, member] : Rule::hyperparameters) free.push_back(name);
    if (shared.weight_decay_place != fast::WeightDecay::none) free.push_back("weight_decay");
    for (const auto& name : free) {
      const auto group = grown<Rule>(candidate.with_places == base ? shared : candidate.with_places,
                                     {name}, run, left);
      if (group && (!best || group->coordinates.size() > best->coordinates.size())) best = group;
    }
    if (!best) return {};
    all.words += text(", coordinates ", ranges(numbered(run, best->coordinates)), " have ",
                      differences<Rule>(shared, fast::without_idle_choices(best->h)));
    left = without(left, best->coordinates);
  }
  if (!left.empty() || (frozen.empty() && all.count == 1)) return {};
  if (!frozen.empty()) {
    ++all.count;
    all.words += text(", coordinates ", ranges(numbered(run, frozen)), " are left as they are");
  }
  return all;
}

}  // namespace truestep::identify
