// SPDX-License-Identifier: Apache-2.0
#include "excuses.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <variant>

#include "runs/parallel.hpp"
#include "stopped.hpp"
#include "text.hpp"

namespace truestep::identify {

std::string words_of(const Otherwise& its) {
  return text(its.number, " = ", its.fits_at, ", not the ", its.told, " told",
              its.place.empty() ? "" : text(" (", its.place, ")"));
}

double farthest(const Candidate& candidate) {
  const auto& worst = candidate.attempt.outcome.worst;
  return worst.excess * worst.roundings;
}

namespace {

/// The description with all that has an effect where a number of it is not 0, and that number as it
/// is: at a weight decay of 0 its place matters to whoever looks for another.
Description with_place_of(Description h, const std::string& name) {
  const double told = h.number(name);
  if (told == 0) h.number(name) = 1;
  h = without_idle_choices(h);
  h.number(name) = told;
  return h;
}

/// Whether the record has a number for each step, which goes before what was told.
bool is_of_the_record(const std::string& name, const Record& run) {
  return (name == "learning_rate" && !run.learning_rate.empty()) ||
         (name == "weight_decay" && !run.weight_decay.empty());
}

}  // namespace

void ask_numbers(std::vector<Question>& all, const Candidate& candidate, std::size_t of,
                 const Record& run) {
  for (const auto& name : candidate.told) {
    if (is_of_the_record(name, run)) continue;
    Candidate free = candidate;
    free.unknown.push_back(name);
    free.attempt = {with_place_of(candidate.with_places, name)};
    free.end = End::open, free.habit = {}, free.refusal = {};
    all.push_back({.of = of,
                   .number = name,
                   .told = shortest(candidate.with_places.number(name)),
                   .free = free,
                   .forming = {.any = !run.in_double && !candidate.habit},
                   .by_habit = candidate.habit.has_value()});
  }
}

void ask_rounded(std::vector<Question>& all, const Candidate& candidate, std::size_t of,
                 const Record& run) {
  if (!run.in_double) return;
  Candidate rounded = candidate;
  for (const auto& [name, member, domain, part] : candidate.attempt.h.rule().numbers)
    if (part == fast::Part::every_version && candidate.known.contains(name))
      rounded.attempt.h.number(member) = static_cast<float>(candidate.attempt.h.number(member));
  rounded.attempt.outcome = {};
  all.push_back({.of = of,
                 .number = "each number",
                 .told = "double",
                 .free = rounded,
                 .effort = effort::to_fit,
                 .is_one = false});
}

namespace {

/// The same candidate where a number is not told; it may be one that its class has not.
Candidate not_told(const Candidate& candidate, const std::string& name, const Options& options,
                   const Record& run) {
  Options without = options;
  without.given.erase(name);
  without.conventions = {candidate.chosen};
  return candidates_for(candidate.attempt.h.rule(), without, run).front();
}

}  // namespace

void ask_without(std::vector<Question>& all, const Candidate& candidate, std::size_t of,
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

void answer(std::vector<Question>& all, const Record& run) {
  std::vector<Question*> distinct;
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

namespace {

bool is_number(const settings::Value& value) {
  return std::holds_alternative<double>(value) || std::holds_alternative<std::uint64_t>(value);
}

/// Where the weight decay of a description goes; "" where it is not what is asked for.
std::string place_of(const Question& question) {
  if (question.number != "weight_decay" || question.is_absent) return "";
  std::string all;
  const auto& h = question.free.attempt.h;
  const auto& rule = h.rule();
  for (std::size_t i = 0; i < rule.members.size(); ++i)
    if (!is_number(h[i]) && rule.members[i].starts_with(question.number + "_") &&
        h[i] != rule.defaults[i])
      all += text(all.empty() ? "" : ", ", rule.members[i], " = ", settings::text_of(h[i]));
  return all;
}

}  // namespace

std::vector<Otherwise> excuse(const Question& question, const std::string& convention) {
  const auto& free = question.free;
  if (free.end != End::fits || free.attempt.outcome.teeth == 0) return {};
  Otherwise found{.convention = convention,
                  .number = question.number,
                  .told = question.told,
                  .fits_at = "float",
                  .off = farthest(free)};
  if (!question.is_one) return {found};
  const double fits_at = free.attempt.h.number(question.number);
  const double told = std::stod(question.told);
  if (question.by_habit && std::fabs(fits_at - told) <= 0x1p-23 * told) return {};
  found.fits_at = shortest(fits_at);
  found.place = place_of(question);
  for (const auto& [name, side] : free.attempt.ranges)
    if (name == question.number) found.range = enclosing(side.low, side.high);
  return {found};
}

}  // namespace truestep::identify
