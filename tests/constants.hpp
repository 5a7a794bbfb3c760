// SPDX-License-Identifier: Apache-2.0
// The proved constants of every lane at the lane's own, rounded coefficients. CMakeLists.txt
// compiles it a rule at a time, and once for weight decay.

#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/each_rule.hpp"
#include "support/generate.hpp"
#include "support/proved_lane.hpp"

namespace truestep::test {
namespace {

template <class Lanes>
class Constants : public testing::Test {};
TYPED_TEST_SUITE_P(Constants);

/// A number for an input of a lane, mostly moderate.
template <class T>
T drawn(Random& random, proofs::Range range) {
  if (random.one_in(16)) return 0;
  const int width = random.one_in(8) ? 40 : 12;
  const T x = random.ordinary<T>(-width, range == proofs::Range::unit_interval ? -1 : width);
  return range == proofs::Range::any ? x : std::fabs(x);
}

/// Takes steps of a lane from random states and returns what exceeds a constant.
/// @param share  what the lane's coefficients have over those that it is compared at
template <class T>
std::string beyond_the_constants(const ProvedStep<T>& proved, const Real& share, std::size_t steps,
                                 Outcome& tally) {
  const auto& inputs = proved.inputs();
  Random random(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    Coefficients<T> coefficients{};
    Coefficients<Real> exact{};
    Point<T> before{};
    for (std::size_t c = 0; c < inputs.coefficients.size(); ++c) {
      coefficients[c] = drawn<T>(random, inputs.coefficients[c].range());
      exact[c] = Real(coefficients[c]) * share;
    }
    for (std::size_t s = 0; s < inputs.states.size(); ++s)
      before.state[s] = drawn<T>(random, inputs.states[s].range());
    before.theta = drawn<T>(random, inputs.theta.range());
    const T gradient = drawn<T>(random, inputs.gradient.range());
    if (!proved.hypotheses(coefficients, exact)) continue;
    const auto report = proved.excess(coefficients, exact, before, gradient, tally);
    if (!report.empty()) return report;
  }
  return "";
}

/// What is proved at the coefficients of each lane of a tuple that has no weight decay.
template <class Lanes, class T>
std::vector<ProvedStep<T>> proved_of() {
  std::vector<ProvedStep<T>> all;
  proofs::for_each_undecayed_lane<Lanes>([&]<class Lane>() {
    all.push_back(ProvedStep<T>::template of<Lane>(Against::rounded_coefficients));
  });
  return all;
}

template <class T>
void expect_constants_hold(const std::vector<ProvedStep<T>>& lanes) {
  constexpr std::size_t steps = 10'000;
  for (const auto& proved : lanes) {
    Outcome tally;
    EXPECT_EQ(beyond_the_constants<T>(proved, 1, steps, tally), "");
    EXPECT_GE(tally.teeth, steps / 4) << proved.inputs().lane;
  }
}

TYPED_TEST_P(Constants, HoldAtTheLanesOwnCoefficients) {
  expect_constants_hold(proved_of<typename TypeParam::type, float>());
  expect_constants_hold(proved_of<typename TypeParam::type, double>());
}

/// Coefficients that are 64 u off are more than any constant allows.
TYPED_TEST_P(Constants, DoNotHoldAtOtherCoefficients) {
  for (const auto& proved : proved_of<typename TypeParam::type, float>()) {
    const std::string& lane = proved.inputs().lane;
    Outcome tally;
    const auto report =
        beyond_the_constants<float>(proved, 1 + 64 * Real(unit_roundoff<float>), 10'000, tally);
    EXPECT_TRUE(report.starts_with(lane)) << lane << ": " << report;
    EXPECT_NE(report.find("by theorem "), std::string::npos) << report;
  }
}

REGISTER_TYPED_TEST_SUITE_P(Constants, HoldAtTheLanesOwnCoefficients, DoNotHoldAtOtherCoefficients);

}  // namespace
}  // namespace truestep::test
