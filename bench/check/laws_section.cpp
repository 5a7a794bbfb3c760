// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "trial.hpp"

namespace truestep::trial {
namespace {

std::vector<double> times(std::vector<double> values, double factor) {
  for (double& x : values) x *= factor;
  return values;
}

/// Coordinates whose thetas in b are not `factor` times those in a.
std::vector<std::size_t> not_times(Format kept, const Run& a, const Run& b, double factor) {
  std::vector<std::size_t> all;
  // Nothing that a step made was rounded as a subnormal number is.
  const double least = std::max(0x1p-80, 2 * least_normal(kept));
  for (std::size_t i = 0; i < usual_length; ++i) {
    bool holds = true;
    for (std::size_t at = i; at < std::min(a.theta.size(), b.theta.size()); at += usual_length) {
      const bool is_ordinary = std::isfinite(a.theta[at]) && std::fabs(a.theta[at]) > least;
      holds &= !is_ordinary || b.theta[at] == factor * a.theta[at];
    }
    if (!holds) all.push_back(i);
  }
  return all;
}

/// Whether the formula itself has the law.
bool holds_exactly(const Map& a, const Job& first, const Map& b, const Job& second, const Run& run,
                   const Run& other, double factor) {
  std::vector<long double> values, others;
  const auto keep = [](std::vector<long double>& to) {
    return [&to](const Expected& each) {
      if (each.quantity == 0) to.push_back(each.value);
      return true;
    };
  };
  follow(a, no_habit, first, run, keep(values));
  follow(b, no_habit, second, other, keep(others));
  if (values.size() != others.size()) return false;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (others[i] != factor * values[i]) return false;
  return true;
}

}  // namespace

Job negated(Job job) {
  job.theta = times(job.theta, -1);
  job.gradients = times(job.gradients, -1);
  return job;
}

Job doubled(Job job) {
  job.theta = times(job.theta, 2);
  for (auto& [name, value] : job.setup.numbers)
    if (name == "learning_rate") value *= 2;
  return job;
}

/// Rounding to nearest knows no sign, nor do most formulas.
void Trial::sign(const Course& whole) {
  if (!has_run("negated")) return;
  const auto job = given("negated", negated(whole.job));
  Run other = whole.run;
  other.theta = times(other.theta, -1);
  // Not where a first moment begins elsewhere than at 0.
  if (!holds_exactly(at(job), whole.job, at(job), job, whole.run, other, -1)) return;
  const auto apart = not_times(job.setup.format.theta, whole.run, drive("negated", job), -1);
  if (!apart.empty())
    find({"laws",
          "sign",
          fmt::format("-theta and -g do not give the negated bits: {} of {} coordinates, {}",
                      apart.size(), usual_length, ranges(apart)),
          false,
          {},
          "laws"});
}

/// Twice the learning rate and twice theta make twice the step, where the formula has it so and the
/// kernel has a learning rate.
void Trial::scale(const Course& whole) {
  if (!has_run("doubled")) return;
  const auto job = given("doubled", doubled(whole.job));
  const auto acts = acting(at(whole.job), whole.job.setup.numbers);
  if (std::none_of(acts.begin(), acts.end(),
                   [](const auto& number) { return number.first == "learning_rate"; }))
    return;
  Run other = whole.run;
  other.theta = times(other.theta, 2);
  if (!holds_exactly(at(whole.job), whole.job, at(job), job, whole.run, other, 2)) return;
  const auto apart = not_times(job.setup.format.theta, whole.run, drive("doubled", job), 2);
  if (!apart.empty())
    find(
        {"laws",
         "power_of_two",
         fmt::format("twice the learning rate from twice theta does not give twice the bits: {} of "
                     "{} coordinates, {}",
                     apart.size(), usual_length, ranges(apart)),
         false,
         {},
         "laws"});
}

/// A new optimizer that is given the states goes on as the old one did.
void Trial::resumption(const Course& whole) {
  if (elsewhere_ != nullptr || whole.run.states.size() != whole.job.shown.size() ||
      whole.run.states.empty() || !told())
    return;
  const std::size_t done = whole.job.steps() / 2, from = done * usual_length;
  const auto row = [&](const std::vector<double>& rows) {
    return std::vector<double>(rows.begin() + std::ptrdiff_t(from - usual_length),
                               rows.begin() + std::ptrdiff_t(from));
  };
  const auto rest = [&](const std::vector<double>& rows) {
    return std::vector<double>(rows.begin() + std::ptrdiff_t(from), rows.end());
  };
  Job job = whole.job;
  job.t.erase(job.t.begin(), job.t.begin() + std::ptrdiff_t(done));
  job.theta = row(whole.run.theta);
  job.gradients = rest(whole.job.gradients);
  Run expected;
  expected.theta = rest(whole.run.theta);
  for (const auto& [name, values] : whole.run.states) {
    job.states[name] = row(values);
    expected.states[name] = rest(values);
  }
  const auto run = drive("resumed", job);
  if (!run.took_states) return;
  const auto apart = differing(run, expected, usual_length);
  if (!apart.empty())
    find({"laws",
          "resumption",
          fmt::format("a new optimizer with the saved states goes on otherwise: {} of {} "
                      "coordinates, {}",
                      apart.size(), usual_length, ranges(apart)),
          false,
          {},
          "laws"});
}

void Trial::laws_section() {
  if (request_.format.is_stochastic) {
    say("laws", "none is looked at where rounding is drawn");
    return;
  }
  const auto job = given("plain", plain_course());
  const Course whole{"plain", job, drive("plain", job)};
  if (!whole.run.finished()) return;
  sign(whole);
  scale(whole);
  resumption(whole);
  say("laws", elsewhere_ == nullptr
                  ? "the sign, powers of two, and going on from saved states, where they apply"
                  : "the sign and powers of two, where they apply and their runs are there");
}

}  // namespace truestep::trial
