// SPDX-License-Identifier: Apache-2.0
#include "situation.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <stdexcept>

#include "declared.hpp"
#include "inputs.hpp"
#include "judge.hpp"
#include "start.hpp"

namespace truestep {
namespace {

using trial::Format;
using trial::Job;
using trial::Map;
using trial::NumberList;
using trial::Random;
using trial::Run;

constexpr std::size_t most_steps = 60;

Map map_of(const Convention& convention, const NumberList& numbers) {
  return trial::with_numbers(trial::declared(convention.rule, convention.name).map, numbers);
}

/// Numbers of one of the three kinds that the map allows.
NumberList numbers(const trial::Request& request, Random& random) {
  constexpr std::array kinds{trial::Numbers::own, trial::Numbers::telling, trial::Numbers::drawn};
  const auto kind = kinds[random.next() % kinds.size()];
  const auto chosen = trial::numbers(request.map, request.pinned, kind, random);
  try {
    trial::with_numbers(request.map, chosen);
    return chosen;
  } catch (const std::invalid_argument&) {
    return trial::numbers(request.map, request.pinned, trial::Numbers::own, random);
  }
}

/// The first steps of a coordinate of a course.
Job column(const Job& course, std::size_t coordinate, std::size_t steps) {
  const auto count = course.setup.coordinates();
  Job job;
  job.setup = course.setup;
  job.setup.lengths = {1};
  job.shown = course.shown;
  job.theta = {course.theta[coordinate]};
  job.t.assign(course.t.begin(), course.t.begin() + std::ptrdiff_t(steps));
  for (std::size_t s = 0; s < steps; ++s)
    job.gradients.push_back(course.gradients[s * count + coordinate]);
  return job;
}

/// The states that the formula has after the job, rounded, theta standing still.
std::map<std::string, double> states_after(const Map& map, const Job& job) {
  if (job.steps() == 0) {
    auto states = trial::states_at_start(map);
    for (auto& [name, value] : states) value = trial::nearest(job.setup.format.state(name), value);
    return states;
  }
  const auto names = trial::states(map);
  Run run;
  run.steps = job.steps();
  run.theta.assign(job.steps(), job.theta[0]);
  std::map<std::string, double> states;
  trial::follow(map, trial::no_habit, job, run, [&](const trial::Expected& each) {
    if (each.quantity > 0)
      states[names[each.quantity - 1]] = trial::nearest(
          job.setup.format.state(names[each.quantity - 1]), static_cast<double>(each.value));
    return true;
  });
  return states;
}

/// A late t, as of a run that is taken up again.
std::uint64_t late(std::uint64_t t, Random& random) {
  constexpr std::uint64_t most = 1 << 26;
  return random.next() % 4 == 0 ? t + random.next() % most : t;
}

Job job_of(const Situation& situation) {
  Job job;
  job.setup = situation.setup;
  job.t = {situation.t};
  job.theta = {situation.theta};
  job.gradients = {situation.gradient};
  for (const auto& [name, value] : situation.states) job.states[name] = {value};
  return job;
}

/// The power of two next below it in size.
double of_one_bit(double x) {
  return x == 0 || !std::isfinite(x) ? x : std::copysign(std::ldexp(1, std::ilogb(x)), x);
}

}  // namespace

double Situation::number(std::string_view name) const {
  for (const auto& [its, value] : setup.numbers)
    if (its == name) return value;
  throw std::out_of_range(fmt::format("there is no number {}", name));
}

std::ostream& operator<<(std::ostream& to, const Situation& situation) {
  const auto& format = situation.setup.format;
  to << fmt::format("{} step of {} at t = {}\n", trial::word(format), situation.setup.rule,
                    situation.t);
  for (const auto& [name, value] : situation.setup.numbers)
    to << fmt::format("  {:<16} {}\n", name, value);
  to << fmt::format("  {:<16} {}\n", "theta", trial::in_bits(format.theta, situation.theta));
  to << fmt::format("  {:<16} {}\n", "gradient",
                    trial::in_bits(format.gradients, situation.gradient));
  for (const auto& [name, value] : situation.states)
    to << fmt::format("  {:<16} {}\n", name, trial::in_bits(format.state(name), value));
  return to;
}

Situation situation(const Convention& convention, Format format, std::uint64_t seed) {
  Random random(seed, "situation");
  const auto request = trial::declared(convention.rule, convention.name);
  const auto chosen = numbers(request, random);
  const auto map = trial::with_numbers(request.map, chosen);
  // A first step is apart in many a rule.
  const std::size_t before = random.next() % 4 == 0 ? 0 : random.next() % most_steps;
  const auto course = trial::course(map, chosen, format, before + 1, random);
  const std::size_t coordinate = random.next() % trial::usual_length;
  Situation made;
  made.setup = course.setup;
  made.setup.lengths = {1};
  made.theta = course.theta[coordinate];
  made.gradient = course.gradients[before * trial::usual_length + coordinate];
  made.states = states_after(map, column(course, coordinate, before));
  made.t = before == 0 ? 1 : late(before + 1, random);
  return made;
}

std::vector<Situation> simpler(const Convention& convention, const Situation& situation) {
  std::vector<Situation> all;
  const auto add = [&](const auto& change) {
    Situation other = situation;
    change(other);
    try {
      map_of(convention, other.setup.numbers);
      all.push_back(std::move(other));
    } catch (const std::invalid_argument&) {
      return;  // the convention has no such numbers
    }
  };
  if (situation.theta != 0) add([](Situation& its) { its.theta = 0; });
  if (const double bit = of_one_bit(situation.gradient); bit != situation.gradient)
    add([&](Situation& its) { its.gradient = bit; });
  const auto own = trial::hyperparameters(map_of(convention, {}));
  for (std::size_t i = 0; i < own.size(); ++i)
    if (situation.setup.numbers[i].second != own[i].value)
      add([&](Situation& its) { its.setup.numbers[i].second = own[i].value; });
  if (situation.t > 2) add([](Situation& its) { its.t = 2; });
  return all;
}

Checked within(const Convention& convention, const Situation& situation, const Outcome& outcome) {
  const auto map = map_of(convention, situation.setup.numbers);
  auto job = job_of(situation);
  job.shown = trial::states(map);
  Run run;
  run.steps = 1;
  run.theta = {outcome.theta};
  for (const auto& [name, value] : outcome.states) run.states[name] = {value};
  const auto judged = trial::judge(map, trial::no_habit, job, run);
  if (!judged.first) return {true, "within the bound of any sane order\n"};
  std::string text = fmt::format("outside the bound of any sane order, as in {}\n",
                                 trial::called(map, situation.setup.numbers));
  for (const auto& line : trial::described(*judged.first, map, job, run)) text += line + "\n";
  return {false, text};
}

}  // namespace truestep
