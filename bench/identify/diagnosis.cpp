// SPDX-License-Identifier: Apache-2.0
#include "diagnosis.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <utility>
#include <variant>

#include "any_rule.hpp"
#include "edits.hpp"
#include "groups.hpp"
#include "replayed.hpp"
#include "runs/parallel.hpp"
#include "runs/settings.hpp"
#include "schedule.hpp"
#include "stopped.hpp"
#include "text.hpp"

namespace truestep::identify {
namespace {

void add(std::vector<Deviation>& all, const std::string& words, const std::string& name) {
  const auto known =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.words == words; });
  (known == all.end() ? *all.insert(all.end(), {words, {}}) : *known).conventions.push_back(name);
}

/// A description that candidates share, at what was told and else at their own numbers.
struct Base {
  Description h;
  const Candidate* candidate;
  std::vector<std::string> names;
  std::size_t broken;  ///< the first step that it does not explain
};

std::vector<Base> bases(const std::vector<Candidate>& candidates, const Record& run) {
  std::vector<Base> all;
  for (const auto& each : candidates) {
    if (!each.refusal.empty()) continue;
    const auto h = without_idle_choices(each.with_places);
    const auto known = std::find_if(all.begin(), all.end(), [&](const auto& base) {
      return base.h == h && base.candidate->unknown == each.unknown;
    });
    if (known != all.end())
      known->names.push_back(each.name);
    else
      all.push_back({h, &each, {each.name}, 0});
  }
  drift::for_each_in_parallel(all, [&](auto& base) {
    const auto outcome = replayed_unless_stopped(base.h, run);
    base.broken = outcome && outcome->first ? outcome->first->step : 1;
  });
  return all;
}

/// Whether a description fits an edited run; some coordinates and steps are asked first.
bool fits_edited(const Description& h, const Edit& edit, const Record& some, const Record& run) {
  return !replayed(h, edit.edited(some)).first && replayed(h, edit.edited(run)).consistent();
}

/// The other values of a choice; none of a number.
std::vector<settings::Value> choices_beside(const settings::Value& value) {
  std::vector<settings::Value> all;
  std::visit(
      [&]<class Type>(const Type& its) {
        if constexpr (!settings::is_number<Type>)
          for (std::size_t i = 0; i < fast::count_of<Type>; ++i)
            if (const auto other = static_cast<Type>(i); other != its) all.emplace_back(other);
      },
      value);
  return all;
}

/// One choice of a description otherwise: "epsilon_place = inside, not outside".
std::vector<std::pair<std::string, Description>> neighbours(const Description& h) {
  std::vector<std::pair<std::string, Description>> all;
  const auto& rule = h.rule();
  for (std::size_t i = 0; i < rule.members.size(); ++i)
    for (const auto& choice : choices_beside(h[i])) {
      auto other = h;
      other[i] = choice;
      if (rule.is_in_domain(other))
        all.push_back({text(rule.members[i], " = ", settings::text_of(choice), ", not ",
                            settings::text_of(h[i])),
                       other});
    }
  return all;
}

/// A run that is held, as edits ask for: some coordinates of one that lies in a file.
Record diagnosed_part(const Record& run) {
  constexpr std::size_t most = 512;
  return run.lying ? some_coordinates(run, most) : run;
}

}  // namespace

std::vector<Deviation> deviations(const std::vector<Candidate>& candidates, const Record& whole) {
  constexpr std::size_t few = 12, steps_beyond = 24;
  const Record run = diagnosed_part(whole);
  auto all_bases = bases(candidates, run);
  std::map<std::size_t, std::vector<Edit>> edits;
  for (const auto& base : all_bases)
    if (!edits.contains(base.broken)) edits[base.broken] = edits_of(whole, base.broken);
  struct Found {
    std::vector<std::pair<std::size_t, std::string>> by_edit;  ///< with its place in the catalogue
    std::vector<std::string> by_choice;
    Groups by_groups;
    std::string by_schedule;
  };
  std::vector<std::pair<const Base*, Found>> found;
  for (const auto& base : all_bases) found.push_back({&base, {}});
  const Record live = some_coordinates(run, few);
  drift::for_each_in_parallel(found, [&](auto& each) {
    const auto& [h, candidate, names, broken] = *each.first;
    auto& [by_edit, by_choice, by_groups, by_schedule] = each.second;
    std::vector<std::size_t> places(live.coordinates);
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
    const Record some = with_columns(live, places, std::min(run.steps, broken + steps_beyond));
    try {
      const auto& catalogue = edits.at(broken);
      for (std::size_t k = 0; k < catalogue.size(); ++k)
        if (fits_edited(h, catalogue[k], some, run)) by_edit.push_back({k, catalogue[k].words});
      for (const auto& [words, other] : neighbours(h))
        if (!replayed(other, some).first && replayed(other, run).consistent())
          by_choice.push_back(words);
      // These have many numbers to fit with, so that they come where nothing simpler fits.
      if (by_edit.empty() && by_choice.empty()) by_groups = grouped(*candidate, run);
      if (by_edit.empty() && by_choice.empty() && by_groups.count == 0)
        if (const auto pieces = schedule(h, run, live))
          by_schedule = text("the learning rate changes: ", words_of(*pieces));
    } catch (const Stopped&) {
    } catch (const std::invalid_argument&) {
    }
  });
  std::vector<Deviation> all;
  const auto of_some = run.coordinates == whole.coordinates
                           ? std::string()
                           : text(", as ", run.coordinates, " coordinates are judged");
  const auto add_names = [&](const std::string& words, const Base& base) {
    for (const auto& name : base.names) add(all, words + of_some, name);
  };
  std::size_t longest = 0;
  for (const auto& [broken, catalogue] : edits) longest = std::max(longest, catalogue.size());
  for (std::size_t k = 0; k < longest; ++k)
    for (const auto& [base, its] : found)
      for (const auto& [place, words] : its.by_edit)
        if (place == k) add_names(words, *base);
  for (const auto& [base, its] : found)
    for (const auto& words : its.by_choice) add_names(words, *base);
  std::size_t fewest = 0;
  for (const auto& [base, its] : found)
    if (its.by_groups.count > 0 && (fewest == 0 || its.by_groups.count < fewest))
      fewest = its.by_groups.count;
  for (const auto& [base, its] : found)
    if (fewest > 0 && its.by_groups.count == fewest) add_names(its.by_groups.words, *base);
  for (const auto& [base, its] : found)
    if (!its.by_schedule.empty()) add_names(its.by_schedule, *base);
  return all;
}

}  // namespace truestep::identify
