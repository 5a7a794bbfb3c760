// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "as_programmed.hpp"
#include "trial.hpp"

namespace truestep::trial {
namespace {

/// How seldom a kernel that rounds as it is said to is accused of its draws: one run in 2^40.
constexpr int seldom = 40;

/// A store whose draw can be seen: what was stored, in ulps of the format, above the lower
/// neighbour of what the formula makes of it.
struct Drawn {
  double part = 0;   ///< of an ulp by which the formula is above it, in [0, 1]
  double error = 0;  ///< of the part
  bool up = false;   ///< whether the upper neighbour was taken

  double off_middle() const { return std::fabs(part - 0.5); }
};

/// The draws of a run's thetas, step by step. Sizes are looked at, so that up is away from zero.
std::vector<std::vector<Drawn>> draws(const Map& map, Habit habit, const Job& job, const Run& run) {
  std::vector<std::vector<Drawn>> all(run.steps);
  const auto& storage = job.setup.format;
  const auto count = job.setup.coordinates();
  follow(map, habit, job, run, [&](const Expected& each) {
    const double observed = run.theta[each.step * count + each.coordinate];
    if (each.quantity != 0 || !std::isfinite(observed) || !std::isfinite(each.radius)) return true;
    const long double size = std::fabs(each.value);
    const long double ulp = 2 * half_ulp(storage.theta, size);
    const long double stored = moved_by_store(storage.theta, true, size + each.radius);
    const long double error = std::max(each.radius - stored, 0.0L) / ulp;
    const long double part = size / ulp - std::floor(size / ulp);
    const bool is_clear = part > 2 * error && 1 - part > 2 * error && stored < 1.5L * ulp;
    if (is_clear)
      all[each.step].push_back(
          {static_cast<double>(part), static_cast<double>(error), std::fabs(observed) > size});
    return true;
  });
  return all;
}

/// In how many powers of two a kernel that draws would do this only once: rounding to the nearest
/// at every step, in that coordinate which is the nearest to be drawn either way. Which that is, is
/// known before the draw, so that the draws of other coordinates may be the same.
double bits_of_nearest(const std::vector<std::vector<Drawn>>& all) {
  double bits = 0;
  for (const auto& step : all) {
    const Drawn* even = nullptr;
    for (const auto& each : step) {
      const bool is_known = each.off_middle() > each.error;  // which neighbour is the nearest
      if (is_known && (even == nullptr || each.off_middle() < even->off_middle())) even = &each;
    }
    if (even == nullptr) continue;
    if (even->up != (even->part > 0.5)) return 0;
    bits -= std::log2(std::min(1.0, even->off_middle() + 0.5 + even->error));
  }
  return bits;
}

/// By how much the draws of a run lean to one side, in ulps a step, beyond what one run in 2^40
/// does. The mean of the draws of a step lies in an interval of length 1, and is 0 in the mean
/// whatever came before; the sum of n such means is beyond x in at most 2 exp(-2 x^2 / n) of all
/// runs (Hoeffding, Azuma).
double lean(const std::vector<std::vector<Drawn>>& all) {
  double sum = 0, error = 0, steps = 0;
  for (const auto& step : all) {
    if (step.empty()) continue;
    double drawn = 0, unknown = 0;
    for (const auto& each : step) {
      drawn += each.up - each.part;
      unknown += each.error;
    }
    const auto n = static_cast<double>(step.size());
    sum += drawn / n;
    error += unknown / n;
    ++steps;
  }
  const double allowed = std::sqrt(steps * (seldom + 1) * std::numbers::ln2 / 2);
  if (!(std::fabs(sum) > allowed * (1 + 2 * error / std::max(steps, 1.0)) + error)) return 0;
  return sum / steps;
}

/// Whether all numbers are of the format, and not all are 0.
bool holds_narrow(Format format, const std::vector<double>& values) {
  const bool any = std::any_of(values.begin(), values.end(), [](double x) { return x != 0; });
  return any && std::all_of(values.begin(), values.end(),
                            [&](double x) { return !std::isfinite(x) || nearest(format, x) == x; });
}

}  // namespace

bool Trial::fits_in(const Storage& storage) const {
  auto courses = courses_;
  for (auto& course : courses) course.job.setup.format = storage;
  const auto declared = [&](const NumberList& told) { return with_numbers(request_.map, told); };
  return fits(declared, no_habit, courses, {});
}

/// The states that are shown as numbers of that format alone, which is narrower than declared.
std::vector<std::string> Trial::kept_narrower(Format format) const {
  std::vector<std::string> names;
  for (const auto& [name, values] : courses_.front().run.states) {
    const bool all =
        std::all_of(courses_.begin(), courses_.end(), [&, &name = name](const auto& course) {
          const auto shown = course.run.states.find(name);
          return shown != course.run.states.end() && holds_narrow(format, shown->second);
        });
    if (all && !is_narrow(request_.format.state(name))) names.push_back(name);
  }
  return names;
}

/// Whether no theta is stored farther from zero than the formula has it.
bool Trial::cuts_off(const Storage& storage) const {
  std::size_t all = 0, up = 0;
  for (const auto& course : courses_) {
    auto job = course.job;
    job.setup.format = storage;
    for (const auto& step : draws(at(job), no_habit, job, course.run))
      for (const auto& each : step) ++all, up += each.up;
  }
  return all > 0 && up == 0;
}

std::string Trial::other_storage() const {
  for (const auto format : {Format::bfloat16, Format::float16}) {
    const auto names = kept_narrower(format);
    Storage storage = request_.format;
    for (const auto& name : names) storage.apart[name] = format;
    if (!names.empty() && fits_in(storage))
      return fmt::format("with {} kept in {}", fmt::join(names, " and "), word(format));
    const bool theta = std::all_of(courses_.begin(), courses_.end(), [&](const auto& course) {
      return holds_narrow(format, course.run.theta);
    });
    storage.theta = format;
    if (theta && !is_narrow(request_.format.theta) && fits_in(storage))
      return fmt::format("with theta{} kept in {}",
                         names.empty() ? "" : fmt::format(", {}", fmt::join(names, ", ")),
                         word(format));
  }
  const auto& declared = request_.format;
  if (!declared.has_narrow() || declared.is_stochastic || declared.rounds_each_operation) return "";
  Storage either = declared;
  either.is_stochastic = true;
  if (fits_in(either))
    return cuts_off(either) ? "what it stores is cut off, not rounded"
                            : "what it stores is not always the nearest, but one of two neighbours";
  if (declared == Format::bfloat16) {
    Storage each = declared;
    each.rounds_each_operation = true;
    if (fits_in(each)) return "each operation is rounded to bfloat16, not the result alone";
  }
  return "";
}

void Trial::look_at_drawn_stores() {
  const auto job = course_named("long-own", Numbers::own, steps_of_a_long_course);
  const auto run = drive("long-own", job);
  const auto all = draws(at(job), habit_, job, run);
  const auto found = [&](const char* kind, const std::string& text) {
    find({"storage", kind, text, true, {}, "storage"});
  };
  if (bits_of_nearest(all) > seldom)
    return found("not_drawn", fmt::format("rounding is not drawn: in all of {} steps the nearest "
                                          "was stored, which draws do in one run of 2^{:.0f}",
                                          run.steps, bits_of_nearest(all)));
  if (const double by = lean(all); by != 0)
    found(
        "drawn_unevenly",
        fmt::format("rounding is drawn unevenly: what is stored is {:.2g} of an ulp too {} in the "
                    "mean, which even draws do in less than one run of 2^{}",
                    std::fabs(by), by > 0 ? "large" : "small", seldom));
}

void Trial::storage_section() {
  const auto& storage = request_.format;
  if (!storage.has_narrow()) return say("storage", "no array has 16 bits");
  const bool is_elsewhere = elsewhere_ != nullptr;
  if (storage.is_stochastic && is_narrow(storage.theta) && knows_map() && !is_elsewhere)
    look_at_drawn_stores();
  const bool sees = !courses_.empty() && !courses_.front().run.states.empty();
  say("storage",
      fmt::format("{}: {} of a store {} part of the bound{}", word(storage),
                  storage.is_stochastic ? "an ulp" : "half an ulp",
                  storage.rounds_each_operation ? "and of each operation are" : "is",
                  !storage.has_narrow_states() ? ""
                  : sees                       ? "; each step is held to the states that it shows"
                         : "; it shows no states, so that what stores do to them adds up"));
}

}  // namespace truestep::trial
