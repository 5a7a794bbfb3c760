// SPDX-License-Identifier: Apache-2.0
#include "verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "report.hpp"
#include "runs/names.hpp"

namespace truestep::drift {
namespace {

const Series& theta(const Run& run, std::size_t reading) {
  return run.readings[reading].series.front();
}

double median(const Run& run, std::size_t reading) {
  return theta(run, reading).drift.back().relative.median;
}

double share_lost(const Run& run, std::size_t reading) {
  const Updates& of = theta(run, reading).updates;
  return of.exact > 0 ? static_cast<double>(of.lost) / static_cast<double>(of.exact) : 0.0;
}

/// Beside theta, or in it by chance.
bool keeps_what_is_lost(const Setup& setup) {
  return setup.kahan || setup.rounding_of_parameters() == Rounding::stochastic;
}

const Farthest& farthest(const Run& run, std::size_t reading) {
  return run.readings[reading].farthest;
}

bool is_broken(const Run& run, std::size_t reading) {
  const auto& all = run.readings[reading].series;
  return std::any_of(all.begin(), all.end(),
                     [](const Series& series) { return series.updates.not_finite > 0; });
}

/// How bad it is among runs of one verdict.
double badness(const Run& run, std::size_t reading, Verdict verdict) {
  if (verdict == Verdict::loses_updates) return share_lost(run, reading);
  if (verdict == Verdict::strays) return farthest(run, reading).of_reach;
  if (verdict != Verdict::breaks) return median(run, reading);
  double not_finite = 0;
  for (const Series& series : run.readings[reading].series)
    not_finite += static_cast<double>(series.updates.not_finite);
  return not_finite;
}

std::string what_breaks(const Run& run, std::size_t reading) {
  std::string text;
  for (const Series& series : run.readings[reading].series)
    if (series.updates.not_finite > 0 && text.empty())
      text =
          fmt::format("{} of {}'s values are infinite or NaN",
                      percent(series.updates.not_finite, series.updates.values), series.quantity);
  return text;
}

/// How far the farthest coordinate is, by its reach.
std::string by_its_reach(const Farthest& farthest) {
  if (std::isinf(farthest.of_reach)) return "infinitely many times the 0 that it is and moved";
  return fmt::format("{}{} what it is or moved", number(farthest.of_reach),
                     farthest.of_reach > 1 ? " times" : " of");
}

std::string what_is_so(const Run& run, std::size_t reading, Verdict verdict) {
  const Updates& updates = theta(run, reading).updates;
  const auto off = number(median(run, reading));
  const auto lost = percent(updates.lost, updates.exact);
  const Farthest& far = farthest(run, reading);
  switch (verdict) {
    case Verdict::breaks:
      return "breaks: " + what_breaks(run, reading);
    case Verdict::loses_updates:
      return fmt::format(
          "loses updates: {} of theta's did not move it, and half of it is off by {} of itself or "
          "more, the farthest by {}",
          lost, off, by_its_reach(far));
    case Verdict::strays:
      return fmt::format(
          "strays: coordinate {} of theta is off by {}, {}; half of theta by {} of itself or more, "
          "{} of its updates lost",
          far.coordinate, number(far.distance), by_its_reach(far), off, lost);
    case Verdict::drifts:
      return fmt::format("drifts: half of theta is off by {} of itself or more, the farthest by {}",
                         off, by_its_reach(far));
    case Verdict::safe:
      break;
  }
  const Setup& setup = run.readings[reading].setup;
  const char* const what = updates.lost == 0 || !keeps_what_is_lost(setup) ? "lost"
                           : setup.kahan                                   ? "moved it later"
                                                                           : "left out by chance";
  return fmt::format(
      "is safe: half of theta is off by at most {} of itself, the farthest by {}, {} of its "
      "updates {}",
      off, by_its_reach(far), lost, what);
}

/// What else is to be known beside a verdict, the cause of what breaks above all.
std::string besides(const Run& run, const Reading& reading) {
  std::string text;
  if (reading.not_finite) {
    const auto& [first, quantity, gradient, why] = *reading.not_finite;
    text += fmt::format(
        " The first is {} of coordinate {} at step {}, where the gradient is {:.3g}{}.", quantity,
        first.coordinate, first.step, gradient, why.empty() ? "" : ": " + why);
  }
  if (reading.stuck && reading.stuck->step < run.first_step + run.steps)
    text += fmt::format(" The counter stays at {} from step {} on.", reading.stuck->at,
                        reading.stuck->step);
  if (reading.skips && reading.skips->count > 0)
    text += fmt::format(
        " {} of {} steps were left out, as a scaled gradient overflowed; that counts as drift.",
        reading.skips->count, run.steps);
  return text;
}

double bytes(const Judgement& of) {
  const Reading& reading = of.run->readings[of.reading];
  return reading.setup.bytes_per_parameter(reading.series.size() - 1);
}

double error(const Judgement& of) { return median(*of.run, of.reading); }

/// What is said of a set-up that is not recommended: how far it is off, and what it takes.
std::string in_brackets(const Judgement& of) {
  const auto off = of.verdict == Verdict::breaks ? ""
                   : of.verdict == Verdict::strays
                       ? number(farthest(*of.run, of.reading).distance) + " at the farthest, "
                       : number(error(of)) + ", ";
  return fmt::format("{}{:.4g} bytes", off, bytes(of));
}

Judgement judged(std::span<const Run> runs, std::size_t reading, const Criteria& criteria) {
  const Run* worst_run = nullptr;
  Verdict worst_verdict = Verdict::safe;
  for (const Run& run : runs) {
    const Verdict verdict = verdict_on(run, reading, criteria);
    const bool is_worse = worst_run == nullptr || verdict > worst_verdict ||
                          (verdict == worst_verdict &&
                           badness(run, reading, verdict) > badness(*worst_run, reading, verdict));
    if (!is_worse) continue;
    worst_run = &run;
    worst_verdict = verdict;
  }
  const auto name = worst_run->readings[reading].setup.name();
  return {reading,
          name,
          worst_verdict,
          worst_run,
          name + " " +
              sentence_on(*worst_run, reading, worst_verdict,
                          runs.size() == 1
                              ? ""
                              : fmt::format(" ({}, {})", worst_run->rule, worst_run->workload)),
          reading > 1};
}

}  // namespace

Criteria typed_criteria(std::string_view typed) {
  static const std::vector<std::string> known{"lost", "off", "drift", "far"};
  Criteria criteria;
  double* const members[] = {&criteria.lost, &criteria.off, &criteria.drift, &criteria.far};
  for (std::size_t from = 0; from <= typed.size();) {
    const auto to = std::min(typed.find(',', from), typed.size());
    const auto part = typed.substr(from, to - from);
    const auto equals = std::min(part.find('='), part.size());
    const auto index = names::index_among(known, "criteria", part.substr(0, equals));
    const auto value = part.substr(std::min(equals + 1, part.size()));
    double& member = *members[index];
    const auto [rest, failed] = std::from_chars(value.data(), value.data() + value.size(), member);
    if (failed != std::errc() || rest != value.data() + value.size() || !(member >= 0))
      throw std::invalid_argument(
          fmt::format("criteria: {} = {} is not a number in [0, infinity)", known[index], value));
    from = to + 1;
  }
  return criteria;
}

Verdict verdict_on(const Run& run, std::size_t reading, const Criteria& criteria) {
  if (is_broken(run, reading)) return Verdict::breaks;
  if (farthest(run, reading).of_reach > criteria.far) return Verdict::strays;
  if (!keeps_what_is_lost(run.readings[reading].setup) &&
      share_lost(run, reading) >= criteria.lost && median(run, reading) > criteria.off)
    return Verdict::loses_updates;
  return median(run, reading) > criteria.drift ? Verdict::drifts : Verdict::safe;
}

std::string sentence_on(const Run& run, std::size_t reading, Verdict verdict,
                        const std::string& where) {
  return what_is_so(run, reading, verdict) + where + "." + besides(run, run.readings[reading]);
}

std::string words_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::breaks:
      return "breaks";
    case Verdict::loses_updates:
      return "loses updates";
    case Verdict::strays:
      return "strays";
    case Verdict::drifts:
      return "drifts";
    case Verdict::safe:
      break;
  }
  return "is safe";
}

Judgements judged(std::span<const Run> runs, const Criteria& criteria) {
  Judgements all{criteria, {}};
  for (std::size_t reading = 0; reading < runs.front().readings.size(); ++reading)
    all.of_setups.push_back(judged(runs, reading, criteria));
  return all;
}

std::vector<std::string> Judgements::sentences() const {
  std::vector<std::string> all;
  for (const Judgement& each : of_setups)
    if (each.is_asked_for || each.verdict != Verdict::safe) all.push_back(each.sentence);
  return all;
}

std::string Judgements::recommendation() const {
  std::vector<const Judgement*> asked;
  for (const Judgement& each : of_setups)
    if (each.is_asked_for) asked.push_back(&each);
  const bool is_one_rule = std::all_of(asked.begin(), asked.end(), [&](const Judgement* each) {
    return each->run->rule == asked[0]->run->rule;
  });
  if (asked.size() < 2 || !is_one_rule) return "";
  const auto cheaper = [](const Judgement* a, const Judgement* b) {
    if ((a->verdict == Verdict::safe) != (b->verdict == Verdict::safe))
      return a->verdict == Verdict::safe;
    return bytes(*a) != bytes(*b) ? bytes(*a) < bytes(*b) : error(*a) < error(*b);
  };
  std::sort(asked.begin(), asked.end(), cheaper);
  const Judgement& best = *asked.front();
  if (best.verdict != Verdict::safe) {
    const Judgement& single = of_setups.front();
    return fmt::format("None of these is safe. {} {} and takes {:.4g} bytes a parameter.",
                       single.setup, words_of(single.verdict), bytes(single));
  }
  std::string text = fmt::format(
      "Recommended: {}, safe in the fewest bytes of these, {:.4g} a parameter without gradients, "
      "half "
      "of theta off by at most {} of itself;",
      best.setup, bytes(best), number(error(best)));
  for (const Judgement* other : asked)
    if (other != &best)
      text +=
          fmt::format(" {} {} ({}),", other->setup, words_of(other->verdict), in_brackets(*other));
  text.back() = '.';
  return text;
}

Verdict Judgements::worst() const {
  Verdict found = Verdict::safe;
  for (const Judgement& each : of_setups) found = std::max(found, each.verdict);
  return found;
}

std::string criteria_explained(const Criteria& criteria) {
  return fmt::format(
      R"(A set-up is judged by the run in which it is worst:
  breaks         theta or a state becomes infinite or NaN
  strays         the farthest coordinate of theta is off by more than {:g} times (far) its reach: the
                 largest of how large it began and is, exactly, and of how far its exact steps have
                 carried it one after another. Beyond 1 it is worse than if it had never moved, or
                 were 0
  loses_updates  at least {:g} of theta's moves (lost) did not move it, and half of theta is off by
                 more than {:g} of itself (off); not where what is lost is kept beside theta, or
                 theta is rounded at random
  drifts         half of theta is off by more than {:g} of itself (drift), whatever moved
  safe           none of these
--criteria far=...,lost=...,off=...,drift=... changes the numbers, --fail-on which verdict ends with
1.
)",
      criteria.far, criteria.lost, criteria.off, criteria.drift);
}

}  // namespace truestep::drift
