// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <truestep/proofs/numbers/any_order.hpp>
#include <truestep/proofs/statements.hpp>

#include <cmath>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "facts/every_rule.hpp"
#include "identify/identify.hpp"
#include "runs/typed.hpp"
#include "steps_in/every_rule.hpp"

/// Runs to be recognized, and what is said of them: for the tests of all rules in identify.cpp, and
/// those of one in identify/RULE.cpp.
namespace truestep::test {

using identify::Finding;
using identify::Options;
using identify::Record;
using identify::Report;
using Names = std::set<std::string>;

// --- reading a report

inline Names consistent(const Report& report) {
  Names names;
  for (const auto& each : report.consistent) names.insert(each.convention);
  return names;
}

inline identify::Place broken(const Report& report, const std::string& convention) {
  for (const auto& each : report.excluded)
    if (each.convention == convention) return each.place;
  ADD_FAILURE() << convention << " is not excluded";
  return {};
}

inline std::string detail(const Report& report, const std::string& kind) {
  std::string all;
  for (const auto& finding : report.findings)
    if (finding.kind == kind) all += finding.detail + "\n";
  return all;
}

inline bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

// --- runs

template <class Rule>
using Numbers = typename Rule::Hyperparameters;

/// Gradients of many sizes; the thetas start so small that the moves are not lost beside them.
struct Course {
  std::size_t steps = 40, coordinates = 24;
  std::uint64_t seed = 1;
  double largest = 1;
  float start = 0x1p-6f;
};

inline std::vector<double> gradients(const Course& course) {
  std::mt19937_64 random(course.seed);
  std::normal_distribution<double> normal;
  std::vector<double> all;
  for (std::size_t t = 0; t < course.steps; ++t)
    for (std::size_t i = 0; i < course.coordinates; ++i)
      all.push_back(course.largest * std::pow(10.0, -4.0 * double(i) / double(course.coordinates)) *
                    normal(random));
  return all;
}

/// In the arithmetic of T, float or double.
template <class Rule, class T = float>
Record run(const Numbers<Rule>& h, const std::vector<double>& g, const Course& course,
           const Order& order, const Fault& fault = {}) {
  std::mt19937_64 random(course.seed + 1);
  std::uniform_real_distribution<float> start(-course.start, course.start);
  std::vector<Coordinate<T>> coordinates(course.coordinates, started<T>(h));
  for (auto& each : coordinates) each.theta = start(random);
  Record record{std::is_same_v<T, double>, course.steps, course.coordinates, {}, {}};
  for (const double each : g) record.gradients.push_back(static_cast<T>(each));
  const auto keep = [&] {
    for (const auto& each : coordinates) record.parameters.push_back(each.theta);
  };
  keep();
  for (std::size_t t = 1; t <= course.steps; ++t) {
    for (std::size_t i = 0; i < course.coordinates; ++i)
      step_in(h, t, coordinates[i],
              static_cast<T>(record.gradients[(t - 1) * course.coordinates + i]), order, fault);
    keep();
  }
  return record;
}

template <class Rule, class T = float>
Record run(const Numbers<Rule>& h, const Course& course = {}, const Order& order = {},
           const Fault& fault = {}) {
  return run<Rule, T>(h, gradients(course), course, order, fault);
}

/// Options by name, each in the type of its member.
template <class Rule>
settings::Given given(const Values& values) {
  settings::Given given;
  fast::for_each_member<typename Rule::Fast>([&](const auto& described) {
    using Value = std::remove_reference_t<decltype(Numbers<Rule>().*described.member)>;
    if (const auto at = values.find(described.name); at != values.end())
      given[described.name] = static_cast<Value>(at->second);
  });
  EXPECT_EQ(given.size(), values.size());
  return given;
}

/// A convention's hyperparameters with the options that identify is given.
template <class Rule>
Numbers<Rule> with(Numbers<Rule> h, const Options& options) {
  fast::for_each_member<typename Rule::Fast>([&](const auto& described) {
    auto& member = h.*described.member;
    if (const auto at = options.given.find(described.name); at != options.given.end())
      member = std::get<std::remove_reference_t<decltype(member)>>(at->second);
  });
  return h;
}

template <class Rule>
Numbers<Rule> convention(const std::string& name, const Options& options) {
  return with<Rule>(fast::convention<Numbers<Rule>>(name), options);
}

template <class Rule>
bool applicable(const Numbers<Rule>& h) {
  try {
    Rule::template formula<double>(h, 1);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

/// A run by the reference, exact but for theta, which is rounded to T after each step: what no
/// order of operations does better.
template <class Rule, class T = float>
Record run_of_reference(const Numbers<Rule>& h, const Course& course) {
  using Formula = typename Rule::template Formula<reference::Real>;
  std::mt19937_64 random(course.seed + 1);
  std::uniform_real_distribution<float> start(-course.start, course.start);
  std::vector<typename Formula::State> states(course.coordinates, Formula::start(h));
  Record record{std::is_same_v<T, double>, course.steps, course.coordinates, {}, {}};
  for (const double each : gradients(course)) record.gradients.push_back(static_cast<T>(each));
  for (std::size_t i = 0; i < course.coordinates; ++i) record.parameters.push_back(start(random));
  for (std::size_t t = 1; t <= course.steps; ++t) {
    const Formula formula(h, t);
    for (std::size_t i = 0; i < course.coordinates; ++i) {
      const auto at = (t - 1) * course.coordinates + i;
      const auto step = formula.step(reference::Real(record.parameters[at]), states[i],
                                     reference::Real(record.gradients[at]));
      states[i] = step;
      record.parameters.push_back(static_cast<T>(step.theta));
    }
  }
  return record;
}

/// Whether a class has a number or a switch for all that is given.
template <class Rule>
bool takes(const fast::Convention<Numbers<Rule>>& row, const Options& options) {
  try {
    settings::require_options<Rule>(row, options.given);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

/// The conventions that are one map with these hyperparameters, with what is given.
template <class Rule, class T = float>
Names names_of_map(const Numbers<Rule>& h, const Options& options) {
  const auto map = [](const Numbers<Rule>& its) {
    return Facts<Rule>::map(its, std::is_same_v<T, double>);
  };
  Names same;
  for (const auto& other : fast::conventions_of<Numbers<Rule>>) {
    const auto its = with<Rule>(other.hyperparameters, options);
    if (takes<Rule>(other, options) && applicable<Rule>(its) && map(its) == map(h))
      same.insert(std::string(other.name));
  }
  return same;
}

// --- the bound itself

/// How often a run in T leaves the bound of the move, each step taken from theta = 0, where the sum
/// with theta hides nothing.
template <class Rule, class T>
std::size_t moves_outside(const Numbers<Rule>& h, const Course& course, const Order& order,
                          const Fault& fault = {}) {
  using Number = proofs::AnyOrder<T>;
  using Formula = typename Rule::template Formula<Number>;
  const auto g = gradients(course);
  std::vector<Coordinate<T>> computed(course.coordinates, started<T>(h));
  std::vector<typename Formula::State> states(course.coordinates, Formula::start(h));
  std::size_t outside = 0;
  for (std::size_t t = 1; t <= course.steps; ++t) {
    const Formula formula = Rule::template formula<Number>(h, t);
    for (std::size_t i = 0; i < course.coordinates; ++i) {
      const auto gradient = static_cast<T>(g[(t - 1) * course.coordinates + i]);
      computed[i].theta = 0;
      step_in(h, t, computed[i], gradient, order, fault);
      const auto now = formula.step(0, states[i], Number::data(gradient));
      states[i] = proofs::stored<Formula>(now);
      EXPECT_TRUE(now.theta.bounded());
      outside += !(std::fabs(computed[i].theta - now.theta.value) <= now.theta.radius);
    }
  }
  return outside;
}

// --- recorded runs

/// A run of tests/traces: a network of 64 inputs, 16 ReLU and 10 outputs, trained by PyTorch 1.13.1
/// on the CPU on the digits of bench/data, batches of 64, float32, 100 steps.
Record recorded(const std::string& name);

/// The run from its first parameters and its gradients alone: the bound of each step is that of the
/// whole way there.
template <class Rule>
void expect_reproduced(const Numbers<Rule>& h, const Record& run) {
  using Number = proofs::AnyOrder<float>;
  using Formula = typename Rule::template Formula<Number>;
  std::vector<Number> theta;
  for (std::size_t i = 0; i < run.coordinates; ++i)
    theta.push_back(Number::data(static_cast<float>(run.parameters[i])));
  std::vector<typename Formula::State> states(run.coordinates, Formula::start(h));
  std::size_t outside = 0, with_teeth = 0;
  for (std::size_t t = 1; t <= run.steps; ++t) {
    const Formula formula = Rule::template formula<Number>(h, t);
    for (std::size_t i = 0; i < run.coordinates; ++i) {
      const auto g = static_cast<float>(run.gradients[(t - 1) * run.coordinates + i]);
      const auto now = formula.step(theta[i], states[i], Number::data(g));
      const long double travelled = now.theta.value - run.parameters[i];
      theta[i] = now.theta.stored(), states[i] = proofs::stored<Formula>(now);
      outside +=
          !(std::fabs(run.parameters[t * run.coordinates + i] - theta[i].value) <= theta[i].radius);
      with_teeth += theta[i].radius < std::fabs(travelled);
    }
  }
  EXPECT_EQ(outside, 0u);
  EXPECT_GT(2 * with_teeth, run.steps * run.coordinates);
}

}  // namespace truestep::test
