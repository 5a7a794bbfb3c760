// SPDX-License-Identifier: Apache-2.0
// Where the drift of Adam comes from: a fault in one operation is found there.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <truestep/fast/lanes/adam.lane.hpp>

#include "adam.hpp"
#include "audited.hpp"
#include "followed.hpp"
#include "spelled_of.hpp"

namespace truestep::drift {

/// A fault to plant: a result that is kept in three bits.
Traced narrowed(const Traced& a, RowArithmetic& narrow) {
  return a.stored(narrow, a.operations().next("narrowed"));
}

namespace {

/// Adam whose (w2 g) is kept in three bits.
struct FaultyLane : fast::lane::Adam {
  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    static RowArithmetic three_bits(Arithmetic(Format{"3 bits", 3, -126, 127}));
    const auto& [w1, w2, alpha_t, c_t, epsilon] = coefficient;
    auto& [m, v] = state;
    m = fma(w1, gradient, decay(w1, m));
    observe("m", m);
    // The first operand decides how a result is rounded.
    v = fma(gradient, narrowed(w2 * gradient, three_bits), decay(w2, v));
    observe("v", v);
    theta = theta - alpha_t * m / fma(c_t, sqrt(v), epsilon);
    observe("theta", theta);
  }
};

using AuditedAdam = rules::Of<fast::Adam>;

Attribution attribution_after_some_steps(Followed<AuditedAdam> run, std::size_t quantity) {
  for (std::uint64_t t = 1; t <= 300; ++t) run.step(t, 0.125 + 0.0625 * static_cast<double>(t % 4));
  return run.attribution(quantity);
}

Attribution after_some_steps(const drift::Setup& setup, std::size_t quantity) {
  return attribution_after_some_steps({{}, setup, {1}}, quantity);
}

/// Each share of theta or a state comes by at most 16 operations a step, each of which rounds it
/// six times at most, by 2^-53 of itself; so in 300 steps by less than 2^15 2^-53 of what they add
/// up to without their signs, as long as no step makes errors larger, which a mean's does not and
/// theta's sum does not.
void expect_small_residual(const Attribution& attribution) {
  double gross = 0;
  for (const auto& share : attribution.shares) gross += std::fabs(share.contribution);
  EXPECT_LE(std::fabs(attribution.residual), 0x1p-38 * gross);
}

TEST(Attribution, FindsAFaultInOneOperation) {
  const drift::Setup setup = drift::Setup::all_in(format("float"));
  for (const std::size_t quantity : {0u, 2u}) {
    const auto lane = EmulatedRun<AuditedAdam>::Lane::of<FaultyLane>();
    const auto sound = after_some_steps(setup, quantity),
               faulty = attribution_after_some_steps({{}, setup, {1}, lane}, quantity);
    expect_small_residual(sound);
    expect_small_residual(faulty);
    EXPECT_EQ(faulty.shares.front().source, "v: narrowed");
    EXPECT_GT(std::fabs(faulty.shares.front().contribution), std::fabs(faulty.drift) / 2);
    for (const auto& share : sound.shares) EXPECT_NE(share.source, "v: narrowed");
  }
}

/// As the comment of its lane says it.
TEST(Spelled, IsTheStepOfAdam) {
  const auto lines = [](const AuditedAdam::Hyperparameters& h, bool compensates) {
    const auto step = spelled<AuditedAdam>(h, compensates, false, 1);
    const Spelling spelling(step);
    std::vector<std::string> all;
    for (std::size_t line = 0; line < step.lines.size(); ++line)
      all.push_back(spelling.left(line) + " = " + spelling.right(line));
    return all;
  };
  const std::vector<std::string> adam{
      "m' = w1 * g + (1 - w1) * m",       "v' = w2 * g * g + (1 - w2) * v",
      "numerator = alpha_t * m'",         "denominator = c_t * sqrt(v') + epsilon",
      "update = numerator / denominator", "theta' = theta - update"};
  EXPECT_EQ(lines({}, false), adam);
  auto compensated = adam;
  compensated.back() = "compensated update = compensation - update";
  compensated.insert(compensated.end(), {"theta' = theta + compensated update",
                                         "compensation' = compensated update - (theta' - theta)"});
  EXPECT_EQ(lines({}, true), compensated);
  AuditedAdam::Hyperparameters amsgrad;
  amsgrad.amsgrad = true;
  EXPECT_EQ(lines(amsgrad, false)[2], "v_max' = max(v_max, v')");
  const auto step = spelled<AuditedAdam>({}, false, false, 1);
  EXPECT_EQ(step.words_of(*step.operation("theta: difference")),
            "theta - update, the subtraction that gives theta");
  EXPECT_EQ(step.words_of(*step.operation("m: decay")),
            "(1 - w1) * m, the decay, a fused multiply-add, on the way to m");
  EXPECT_FALSE(step.operation("storing theta in float"));
  EXPECT_EQ(step.coefficients.front().first, "w1");
  EXPECT_EQ(step.coefficients.front().second, 1 - 0.9);
}

TEST(Attribution, FindsTheStateThatIsStoredInFewerBits) {
  drift::Setup setup = drift::Setup::all_in(format("float"));
  setup.states = format("bfloat16");
  const auto attribution = after_some_steps(setup, 2);
  EXPECT_EQ(attribution.shares.front().source, "storing v in bfloat16");
  EXPECT_GT(std::fabs(attribution.shares.front().contribution), std::fabs(attribution.drift) / 2);
  expect_small_residual(attribution);
}

TEST(Attribution, FindsTheCounterThatSticks) {
  drift::Setup setup = drift::Setup::all_in(format("float"));
  setup.counter = format("bfloat16");
  const auto attribution = after_some_steps(setup, 0);
  EXPECT_EQ(attribution.shares.front().source, "counting in bfloat16");
  expect_small_residual(attribution);
}

}  // namespace
}  // namespace truestep::drift
