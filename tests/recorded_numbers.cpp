// SPDX-License-Identifier: Apache-2.0
// The tie between the root off the divider and Ball, and the theorems:
// proofs/generated/NumberOperations.v holds what was proved about.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <truestep/proofs/recorded_balls.hpp>
#include <truestep/proofs/recorded_roots.hpp>

#include "support/altered.hpp"

namespace truestep::test {
namespace {

using proofs::Expression;

/// The lines of what was proved about.
std::set<std::string> proved_lines() {
  std::ifstream file(TRUESTEP_PROVED_NUMBERS);
  std::set<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("Definition ")) lines.insert(line);
  return lines;
}

std::string definition(std::string_view name, std::string_view part, const std::string& term) {
  return "Definition " + std::string(name) + std::string(part) + " := " + term + ".";
}

template <class Number>
std::set<std::string> lines(const proofs::RecordedRoot<Number>& root, int steps) {
  Altered::operations_left = steps;
  const auto [below, test] = root.recorded();
  return {definition(root.name, "_below : expression", below.term()),
          definition(root.name, "_test : expression", test.term())};
}

/// Whether some way through an operation had the step that is altered.
bool altered = false;

/// With the step altered that so many others come before, on each way through the operation.
template <class Number>
std::set<std::string> lines(const proofs::RecordedBall<Number>& ball, int steps) {
  Altered::operations_left = std::numeric_limits<int>::max();
  const auto before = [=] {
    altered |= Altered::operations_left < 0;
    Altered::operations_left = steps;
  };
  return {definition(ball.name, "_code : choices", ball.recorded(before))};
}

bool was_proved_about(const std::set<std::string>& lines) {
  static const auto proved = proved_lines();
  return std::includes(proved.begin(), proved.end(), lines.begin(), lines.end());
}

TEST(RecordedNumbers, AreThoseThatWereProvedAbout) {
  std::size_t definitions = 0;
  const auto look = [&](const auto& recorded) {
    const auto written = lines(recorded, 0);
    EXPECT_TRUE(was_proved_about(written)) << recorded.theorem << " is about other operations";
    definitions += written.size();
  };
  for (const auto& root : proofs::recorded_roots<Expression>()) look(root);
  for (const auto& ball : proofs::recorded_balls<Expression>()) look(ball);
  EXPECT_EQ(definitions, proved_lines().size());
}

/// How many steps there are, and of how many nothing comes of altering them.
template <class Recorded>
std::pair<int, int> altered_steps(const Recorded& recorded) {
  int unseen = 0;
  for (int steps = 0;; ++steps) {
    altered = false;
    const auto written = lines(recorded, steps);
    if (!altered && Altered::operations_left >= 0) return {steps, unseen};
    unseen += was_proved_about(written);
  }
}

TEST(RecordedNumbers, AreOthersWithAnyStepOfARootAltered) {
  for (const auto& root : proofs::recorded_roots<Altered>()) {
    const auto [steps, unseen] = altered_steps(root);
    EXPECT_GE(steps, 6) << root.name;
    EXPECT_EQ(unseen, 0) << root.name;
  }
}

/// Nothing but the yardstick of a radius comes of the others.
TEST(RecordedNumbers, AreOthersWithAnyStepOfABallAltered) {
  const std::map<std::string_view, int> of_magnitude{
      {"ball_sum", 1},  {"ball_difference", 1}, {"ball_product", 1}, {"ball_quotient", 1},
      {"ball_root", 1}, {"ball_fused", 2},      {"ball_decay", 2},   {"ball_maximum", 1}};
  int all = 0;
  for (const auto& ball : proofs::recorded_balls<Altered>()) {
    const auto [steps, unseen] = altered_steps(ball);
    const auto known = of_magnitude.find(ball.name);
    EXPECT_EQ(unseen, known == of_magnitude.end() ? 0 : known->second) << ball.name;
    all += steps;
  }
  EXPECT_GE(all, 60);
}

}  // namespace
}  // namespace truestep::test
