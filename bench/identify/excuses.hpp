// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "judging.hpp"

/// What makes a convention fit that does not as told: one number otherwise.
namespace truestep::identify {

/// A convention that fits if one number is not what was told.
struct Otherwise {
  std::string convention, number;
  std::string told, fits_at;
  std::string place = {};  ///< where weight decay goes then: "weight_decay_place = decoupled"
  std::string range = {};  ///< outside which the number makes nothing fit; "" where none is known
  /// How far the worst step is from the exact one, in u times the magnitudes added up.
  double off = 0;
};

/// "epsilon = 1e-06, not the 1e-08 told".
inline std::string words_of(const Otherwise& its) {
  return text(its.number, " = ", its.fits_at, ", not the ", its.told, " told",
              its.place.empty() ? "" : text(" (", its.place, ")"));
}

/// How far a candidate's worst step is from the exact one, in the same unit.
template <class Rule>
double farthest(const Candidate<Rule>& candidate) {
  const auto& worst = candidate.attempt.outcome.worst;
  return worst.excess * worst.roundings;
}

/// A number of a candidate that was told, and the candidate without it.
template <class Rule>
struct Question {
  std::size_t of;  ///< the candidate's place among those that are asked
  std::string number, told;
  Candidate<Rule> free;
  Forming forming = {};
  std::size_t effort = effort::to_excuse;
  bool by_habit = false;   ///< it fits by a habit as told
  bool is_one = true;      ///< it is about one number, so that what it excludes counts
  bool is_absent = false;  ///< the class has no such number: it is the class's own instead

  bool is_same(const Question& other) const {
    return number == other.number && told == other.told && by_habit == other.by_habit &&
           free.unknown == other.free.unknown && free.attempt.h == other.free.attempt.h;
  }
};

/// The description with all that has an effect where a number of it is not 0, and that number as it
/// is: at a weight decay of 0 its place matters to whoever looks for another.
template <class Rule>
Numbers<Rule> with_place_of(Numbers<Rule> h, const std::string& name) {
  double& at = *number<Rule>(h, name);
  const double told = at;
  if (told == 0) at = 1;
  h = fast::without_idle_choices(h);
  *number<Rule>(h, name) = told;
  return h;
}

/// Whether the record has a number for each step, which goes before what was told.
inline bool is_of_the_record(const std::string& name, const Record& run) {
  return (name == "learning_rate" && !run.learning_rate.empty()) ||
         (name == "weight_decay" && !run.weight_decay.empty());
}

/// Each number that was told and that the class has, unknown; what fits by a habit is asked for
/// such a number without it.
template <class Rule>
void ask_numbers(std::vector<Question<Rule>>& all, const Candidate<Rule>& candidate, std::size_t of,
                 const Record& run) {
  for (const auto& name : candidate.told) {
    if (is_of_the_record(name, run)) continue;
    Candidate<Rule> free = candidate;
    free.unknown.push_back(name);
    free.attempt = {with_place_of<Rule>(candidate.with_places, name)};
    free.end = End::open, free.habit = {}, free.refusal = {};
    auto told = candidate.with_places;
    all.push_back({.of = of,
                   .number = name,
                   .told = shortest(*number<Rule>(told, name)),
                   .free = free,
                   .forming = {.any = !run.in_double && !candidate.habit},
                   .by_habit = candidate.habit.has_value()});
  }
}

/// All numbers that were told, rounded to float in a run in double.
template <class Rule>
void ask_rounded(std::vector<Question<Rule>>& all, const Candidate<Rule>& candidate, std::size_t of,
                 const Record& run) {
  if (!run.in_double) return;
  Candidate<Rule> rounded = candidate;
  for (const auto& [name, member] : Rule::hyperparameters)
    if (candidate.known.contains(name))
      rounded.attempt.h.*member = static_cast<float>(candidate.attempt.h.*member);
  rounded.attempt.outcome = {};
  all.push_back({.of = of,
                 .number = "each number",
                 .told = "double",
                 .free = rounded,
                 .effort = effort::to_fit,
                 .is_one = false});
}

/// The same candidate where a number is not told; it may be one that its class has not.
template <class Rule>
Candidate<Rule> not_told(const Candidate<Rule>& candidate, const std::string& name,
                         const Options& options, const Record& run) {
  Options without = options;
  without.given.erase(name);
  without.conventions = {candidate.chosen};
  return candidates_for<Rule>(without, run).front();
}

/// A number that a convention has not, where that alone keeps it out.
template <class Rule>
void ask_without(std::vector<Question<Rule>>& all, const Candidate<Rule>& candidate, std::size_t of,
                 const Options& options, const Record& run) {
  for (const auto& [name, value] : options.given) {
    const auto is_it = [&, &its = name](const std::string& told) { return told == its; };
    if (!std::holds_alternative<double>(value) || is_of_the_record(name, run) ||
        std::any_of(candidate.told.begin(), candidate.told.end(), is_it))
      continue;
    const auto free = not_told(candidate, name, options, run);
    if (!free.refusal.empty()) continue;
    all.push_back({.of = of,
                   .number = name,
                   .told = settings::text_of(value),
                   .free = free,
                   .forming = {.any = !run.in_double},
                   .is_absent = true});
  }
}

/// Judges each question, once for those that are the same.
template <class Rule>
void answer(std::vector<Question<Rule>>& all, const Record& run) {
  std::vector<Question<Rule>*> distinct;
  std::vector<std::size_t> like;
  for (auto& each : all) {
    const auto known = std::find_if(distinct.begin(), distinct.end(),
                                    [&](const auto* one) { return one->is_same(each); });
    like.push_back(static_cast<std::size_t>(known - distinct.begin()));
    if (known == distinct.end()) distinct.push_back(&each);
  }
  Stage stage("numbers otherwise than told", distinct.size());
  drift::for_each_in_parallel(distinct, [&](auto* one) {
    judge(one->free, run, one->forming, one->effort);
    stage.one_more();
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& judged = distinct[like[i]]->free;
    all[i].free.attempt = judged.attempt;
    all[i].free.end = judged.end;
    all[i].free.refusal = judged.refusal;
  }
}

/// Where the weight decay of a description goes; "" where it is not what is asked for.
template <class Rule>
std::string place_of(const Question<Rule>& question) {
  if (question.number != "weight_decay" || question.is_absent) return "";
  std::string all;
  settings::for_each_member<Numbers<Rule>>(
      [&]<class Type>(const settings::Named<Numbers<Rule>, Type>& named) {
        const auto& its = question.free.attempt.h.*named.member;
        if constexpr (!settings::is_number<Type>)
          if (std::string(named.name).starts_with(question.number + "_") &&
              its != Numbers<Rule>{}.*named.member)
            all += text(all.empty() ? "" : ", ", named.name, " = ", settings::text(its));
      });
  return all;
}

/// What fits by a question, unless that is the habit once more: what a float may be off.
template <class Rule>
std::vector<Otherwise> excuse(const Question<Rule>& question, const std::string& convention) {
  const auto& free = question.free;
  if (free.end != End::fits || free.attempt.outcome.teeth == 0) return {};
  Otherwise found{.convention = convention,
                  .number = question.number,
                  .told = question.told,
                  .fits_at = "float",
                  .off = farthest(free)};
  if (!question.is_one) return {found};
  auto h = free.attempt.h;
  const double fits_at = *number<Rule>(h, question.number);
  const double told = std::stod(question.told);
  if (question.by_habit && std::fabs(fits_at - told) <= 0x1p-23 * told) return {};
  found.fits_at = shortest(fits_at);
  found.place = place_of(question);
  for (const auto& [name, side] : free.attempt.ranges)
    if (name == question.number) found.range = enclosing(side.low, side.high);
  return {found};
}

}  // namespace truestep::identify
