// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "runs.hpp"

/// Runs by a rule with one small deviation, planted.
namespace truestep::test {

/// What a program does otherwise than the rule, coordinate by coordinate, with steps from 1.
struct Deviating {
  std::function<double(std::size_t t, std::size_t i, double recorded)> gradient_used = {};
  std::function<std::uint64_t(std::size_t t)> counter = {};
  std::function<double(std::size_t t, std::size_t i, double rate)> rate = {};
  std::function<std::size_t(std::size_t t, std::size_t i, double gradient)> times = {};
  std::size_t states_lost = 0;  ///< before this step
};

/// A run in float; the gradients that are recorded are those of the course.
template <class Rule>
Record deviating_run(const Numbers<Rule>& h, const Course& course, const Deviating& deviating) {
  std::mt19937_64 random(course.seed + 1);
  std::uniform_real_distribution<float> start(-course.start, course.start);
  std::vector<Coordinate<float>> coordinates(course.coordinates, started<float>(h));
  for (auto& each : coordinates) each.theta = start(random);
  Record record{false, course.steps, course.coordinates, {}, {}};
  for (const double each : gradients(course)) record.gradients.push_back(static_cast<float>(each));
  const auto keep = [&] {
    for (const auto& each : coordinates) record.parameters.push_back(each.theta);
  };
  keep();
  for (std::size_t t = 1; t <= course.steps; ++t) {
    for (std::size_t i = 0; i < course.coordinates; ++i) {
      auto& at = coordinates[i];
      if (t == deviating.states_lost) {
        const float theta = at.theta;
        at = started<float>(h);
        at.theta = theta;
      }
      const double g = record.gradients[(t - 1) * course.coordinates + i];
      const double used = deviating.gradient_used ? deviating.gradient_used(t, i, g) : g;
      auto its = h;
      if (deviating.rate) its.learning_rate = deviating.rate(t, i, h.learning_rate);
      const std::size_t times = deviating.times ? deviating.times(t, i, used) : 1;
      for (std::size_t k = 0; k < times; ++k)
        step_in(its, (deviating.counter ? deviating.counter(t) : t) + k, at,
                static_cast<float>(used), {}, {});
    }
    keep();
  }
  return record;
}

/// The first deviation that is named; "" where the run fits as it is, or none is found.
inline std::string first_deviation(const Report& report) {
  if (!report.consistent.empty()) return "";
  for (const auto& [kind, detail] : report.findings)
    if (kind == "deviation") return detail.substr(0, detail.rfind(" ("));
  return "";
}

}  // namespace truestep::test
