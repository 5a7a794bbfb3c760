// SPDX-License-Identifier: Apache-2.0
#include "groups.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "any_rule.hpp"
#include "box_search.hpp"
#include "edits.hpp"
#include "judging.hpp"
#include "text.hpp"

namespace truestep::identify {
namespace {

/// A description of some coordinates, by their places in the run.
struct Group {
  Description h;
  std::vector<std::size_t> coordinates;
};

/// The numbers that make one coordinate fit, and all others that fit with them.
std::optional<Group> grown(const Description& h, const std::vector<std::string>& unknown,
                           const Record& run, const std::vector<std::size_t>& left) {
  const Record rest = with_columns(run, left, run.steps);
  Group group{h, {}};
  if (!unknown.empty()) {
    const auto found =
        searched(h, unknown, with_columns(run, {left.front()}, run.steps), {}, effort::to_excuse);
    if (found.end != End::fits) return {};
    group.h = found.h;
  }
  for (const std::size_t i : group.h.rule().coordinates_that_fit(group.h, rest))
    group.coordinates.push_back(left[i]);
  if (group.coordinates.empty()) return {};
  return group;
}

std::vector<std::size_t> without(const std::vector<std::size_t>& all,
                                 const std::vector<std::size_t>& taken) {
  std::vector<std::size_t> left;
  std::set_difference(all.begin(), all.end(), taken.begin(), taken.end(), std::back_inserter(left));
  return left;
}

/// The members in which two descriptions differ: "learning_rate = 0.0001".
std::string differences(const Description& from, const Description& to) {
  std::string all;
  const auto& names = from.rule().members;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (from[i] != to[i])
      all += text(all.empty() ? "" : ", ", names[i], " = ", settings::text_of(to[i]));
  return all;
}

/// Coordinates as they are numbered in what was recorded.
std::vector<std::size_t> numbered(const Record& run, std::vector<std::size_t> coordinates) {
  for (auto& each : coordinates) each = run.number(each);
  return coordinates;
}

/// The coordinates that some step moves.
std::vector<std::size_t> moving(const Record& run) {
  const auto frozen = frozen_coordinates(run);
  std::vector<std::size_t> all(run.coordinates);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return without(all, frozen);
}

}  // namespace

Groups grouped(const Candidate& candidate, const Record& run) {
  // A number for each of a few steps would explain anything.
  constexpr std::size_t most_groups = 4, most_unknown = 2, least_steps = 4;
  const auto base = without_idle_choices(candidate.with_places);
  if (candidate.unknown.size() > most_unknown || run.coordinates < 2 || run.steps < least_steps)
    return {};
  auto left = moving(run);
  const auto frozen = frozen_coordinates(run);
  if (left.empty()) return {};
  const auto first = grown(base, candidate.unknown, run, left);
  if (!first) return {};
  left = without(left, first->coordinates);
  auto shared = first->h;
  Groups all{1, text("coordinates ", ranges(numbered(run, first->coordinates)),
                     candidate.unknown.empty() ? " are as told" : " have ")};
  std::string its;
  for (const auto& name : candidate.unknown)
    its += text(its.empty() ? "" : ", ", name, " = ", shortest(shared.number(name)));
  all.words += its;
  for (; all.count < most_groups && !left.empty(); ++all.count) {
    std::optional<Group> best;
    auto free = candidate.further;
    for (const auto& number : shared.rule().numbers)
      if (number.part == fast::Part::every_version) free.push_back(number.name);
    if (has_weight_decay(shared)) free.push_back("weight_decay");
    for (const auto& name : free) {
      const auto group =
          grown(candidate.with_places == base ? shared : candidate.with_places, {name}, run, left);
      if (group && (!best || group->coordinates.size() > best->coordinates.size())) best = group;
    }
    if (!best) return {};
    all.words += text(", coordinates ", ranges(numbered(run, best->coordinates)), " have ",
                      differences(shared, without_idle_choices(best->h)));
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
