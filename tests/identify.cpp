// Which convention a run follows: recorded runs, runs by every convention in random orders of
// operations, wrong runs, and bad files.

#include <gtest/gtest.h>

#include <truestep/proofs/any_order.hpp>
#include <truestep/proofs/ball.hpp>
#include <truestep/proofs/rules.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "identify/identify.hpp"
#include "support/float_steps.hpp"

namespace truestep::test {
namespace {

using identify::Finding;
using identify::Matrix;
using identify::Options;
using identify::Record;
using identify::Report;
using Names = std::set<std::string>;

// --- reading a report

Names consistent(const Report& report) {
  Names names;
  for (const auto& each : report.consistent) names.insert(each.convention);
  return names;
}

identify::Place broken(const Report& report, const std::string& convention) {
  for (const auto& each : report.excluded)
    if (each.convention == convention) return each.place;
  ADD_FAILURE() << convention << " is not excluded";
  return {};
}

std::string detail(const Report& report, const std::string& kind) {
  std::string all;
  for (const auto& finding : report.findings)
    if (finding.kind == kind) all += finding.detail + "\n";
  return all;
}

bool mentions(const std::string& text, const std::string& part) {
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
};

std::vector<float> gradients(const Course& course) {
  std::mt19937_64 random(course.seed);
  std::normal_distribution<double> normal;
  std::vector<float> all;
  for (std::size_t t = 0; t < course.steps; ++t)
    for (std::size_t i = 0; i < course.coordinates; ++i)
      all.push_back(static_cast<float>(
          course.largest * std::pow(10.0, -4.0 * double(i) / double(course.coordinates)) *
          normal(random)));
  return all;
}

template <class Rule>
Record run(const Numbers<Rule>& h, const std::vector<float>& g, const Course& course,
           const Order& order, const Fault& fault = {}) {
  std::mt19937_64 random(course.seed + 1);
  std::uniform_real_distribution<float> start(-0x1p-6f, 0x1p-6f);
  std::vector<FloatState> coordinates(course.coordinates, started(h));
  for (auto& each : coordinates) each.theta = start(random);
  Record record{false, course.steps, course.coordinates, {}, {g.begin(), g.end()}};
  const auto keep = [&] {
    for (const auto& each : coordinates) record.parameters.push_back(each.theta);
  };
  keep();
  for (std::size_t t = 1; t <= course.steps; ++t) {
    for (std::size_t i = 0; i < course.coordinates; ++i)
      float_step(h, t, coordinates[i], g[(t - 1) * course.coordinates + i], order, fault);
    keep();
  }
  return record;
}

template <class Rule>
Record run(const Numbers<Rule>& h, const Course& course = {}, const Order& order = {},
           const Fault& fault = {}) {
  return run<Rule>(h, gradients(course), course, order, fault);
}

/// A convention's hyperparameters with the options that identify is given.
template <class Rule>
Numbers<Rule> with(Numbers<Rule> h, const Options& options) {
  const auto set = [&](const auto& named) {
    if (const auto at = options.numbers.find(named.name); at != options.numbers.end())
      h.*named.member = at->second;
  };
  for (const auto& named : Rule::hyperparameters) set(named);
  for (const auto& named : Rule::further) set(named);
  if constexpr (requires { h.amsgrad; }) h.amsgrad = options.amsgrad;
  if constexpr (requires { h.centered; }) h.centered = options.centered;
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

// --- which descriptions are one map, by hand

std::string decay_map(fast::WeightDecay place, double amount) {
  return amount == 0 ? "" : std::to_string(int(place));
}

std::string map_of(const fast::MomentumHyperparameters& h) {
  const bool undamped = h.first_buffer == fast::FirstBuffer::gradient && h.dampening != 0;
  return std::to_string(h.dampening) + (undamped ? "undamped " : "") +
         decay_map(h.weight_decay_place, h.weight_decay);
}

std::string map_of(const fast::NagHyperparameters& h) {
  using enum fast::NesterovForm;
  const bool one = h.nesterov == unrolled || h.nesterov == difference;
  const bool undamped = h.first_buffer == fast::FirstBuffer::gradient && h.dampening != 0;
  return std::to_string(int(one ? stored_point : h.nesterov)) + std::to_string(h.dampening) +
         (undamped ? "undamped " : "") + decay_map(h.weight_decay_place, h.weight_decay);
}

std::string map_of(const fast::AdagradHyperparameters& h) {
  const double start = h.start == fast::Start::epsilon ? h.epsilon : h.initial_accumulator;
  return std::to_string(int(h.epsilon_place)) + " " + std::to_string(start) + " " +
         std::to_string(h.momentum) + decay_map(h.weight_decay_place, h.weight_decay);
}

std::string map_of(const fast::AdadeltaHyperparameters& h) {
  return decay_map(h.weight_decay_place, h.weight_decay);
}

std::string map_of(const fast::RmspropHyperparameters& h) {
  using enum fast::EpsilonPlace;
  auto place = h.epsilon_place;
  if (place == inside_with_momentum) place = h.momentum > 0 ? inside : outside;
  if (place == inside_when_centered) place = h.centered ? inside : outside;
  return std::to_string(int(place)) + " " + std::to_string(int(h.start)) + " " +
         std::to_string(h.initial_accumulator) + " " + std::to_string(h.momentum) +
         decay_map(h.weight_decay_place, h.weight_decay);
}

/// Torch 7's decay of beta1 by 1e-8 a step is left out: no run of floats shows it.
std::string map_of(const fast::AdamHyperparameters& h) {
  return std::to_string(int(h.epsilon_frame)) + std::to_string(h.corrects_m) +
         std::to_string(h.corrects_v) + std::to_string(h.first_power) +
         decay_map(h.weight_decay_place, h.weight_decay);
}

/// Every convention's run against every convention: exactly those of its map are consistent.
template <class Rule>
void expect_matrix(const Options& options, std::uint64_t orders) {
  for (const auto& [name, defaults, source] : fast::conventions_of<Numbers<Rule>>) {
    const auto h = with<Rule>(defaults, options);
    if (!applicable<Rule>(h)) continue;
    Names same;
    for (const auto& other : fast::conventions_of<Numbers<Rule>>) {
      const auto its = with<Rule>(other.hyperparameters, options);
      if (applicable<Rule>(its) && map_of(its) == map_of(h)) same.insert(std::string(other.name));
    }
    for (std::uint64_t seed = 0; seed < orders; ++seed) {
      const auto report = identify::identify(
          Rule::name, run<Rule>(h, {.seed = seed + 1}, random_order(seed)), options);
      EXPECT_EQ(consistent(report), same)
          << Rule::name << " as in " << name << ", seed " << seed << ": " << report.verdict;
    }
  }
}

}  // namespace

// --- every convention against every other

TEST(IdentifyMatrix, Momentum) {
  const Options plain{{{"learning_rate", 0.01}, {"momentum", 0.9}}};
  expect_matrix<rules::Momentum>(plain, 4);
  auto options = plain;
  options.numbers["dampening"] = 0.3;
  expect_matrix<rules::Momentum>(options, 2);
  options.numbers["weight_decay"] = 0.5;
  expect_matrix<rules::Momentum>(options, 2);
}

TEST(IdentifyMatrix, Nag) {
  Options options{{{"learning_rate", 0.01}, {"momentum", 0.9}}};
  expect_matrix<rules::Nag>(options, 4);
  options.numbers["weight_decay"] = 0.5;
  expect_matrix<rules::Nag>(options, 2);
}

TEST(IdentifyMatrix, Adagrad) {
  Options options{{{"learning_rate", 0.01}, {"epsilon", 1e-3}}};
  expect_matrix<rules::Adagrad>(options, 4);
  options.numbers["weight_decay"] = 0.5;
  expect_matrix<rules::Adagrad>(options, 2);
}

TEST(IdentifyMatrix, Adadelta) {
  Options options{{{"learning_rate", 0.5}, {"rho", 0.9}, {"epsilon", 1e-4}}};
  expect_matrix<rules::Adadelta>(options, 4);
  options.numbers["weight_decay"] = 0.5;
  expect_matrix<rules::Adadelta>(options, 2);
}

TEST(IdentifyMatrix, Rmsprop) {
  const Options plain{{{"learning_rate", 0.01}, {"rho", 0.9}, {"epsilon", 1e-3}}};
  expect_matrix<rules::Rmsprop>(plain, 4);
  auto options = plain;
  options.numbers["momentum"] = 0.8;
  expect_matrix<rules::Rmsprop>(options, 2);
  options.centered = true;
  expect_matrix<rules::Rmsprop>(options, 2);
  options.numbers["weight_decay"] = 0.5;
  expect_matrix<rules::Rmsprop>(options, 2);
}

TEST(IdentifyMatrix, Adam) {
  const Options plain{
      {{"learning_rate", 0.01}, {"beta1", 0.9}, {"beta2", 0.99}, {"epsilon", 1e-3}}};
  expect_matrix<rules::Adam>(plain, 4);
  auto options = plain;
  options.amsgrad = true;
  expect_matrix<rules::Adam>(options, 2);
  options.numbers["weight_decay"] = 0.5;
  expect_matrix<rules::Adam>(options, 2);
}

}  // namespace truestep::test
