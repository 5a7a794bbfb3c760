// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of Adagrad says.

#include <gtest/gtest.h>

#include <truestep/fast/conventions.hpp>

#include "adagrad.hpp"
#include "audited.hpp"

namespace truestep::drift {
namespace {

/// Squares of small gradients are below the least number of e4m3, 2^-9.
TEST(Audit, CountsWhatLeavesASmallRange) {
  const auto run = audited(
      "adagrad",
      {drift::Setup::all_in(format("fp8-e4m3")), drift::Setup::all_in(format("bfloat16"))}, 100);
  EXPECT_GT(run.readings[2].out_of_range.underflows, 100u);
  EXPECT_GT(run.readings[2].out_of_range.subnormals, 100u);
  EXPECT_EQ(run.readings[3].out_of_range.overflows, 0u);
}

/// Optax takes no step where the sum is 0, whatever became of epsilon.
TEST(Audit, NoStepIsTakenAtAZeroGradientWhereAConventionSaysSo) {
  EXPECT_EQ(not_finite_in_fp16("adagrad", "optax"), 0u);
}

/// Where the sum starts at 0.1.
TEST(Audit, AdagradHasATheoremOfARunFromASumAboveZero) {
  for (const char* name : {"keras3", "keras_legacy", "optax", "tensorflow1", "optimisers_jl"})
    EXPECT_TRUE(theta_stays_within_its_theorem("adagrad", name)) << name;
  using H = fast::AdagradHyperparameters;
  const RunTheorems theorems(format("float"), 2, 1, 1000);
  for (const char* name : {"tensorflow1", "optax"}) {
    H h = fast::convention<H>(name);
    EXPECT_TRUE(theorems.bound(h)) << name;
    h.initial_accumulator = 0;  // a divisor of 0, or a sum that may have underflowed to 0
    EXPECT_FALSE(theorems.bound(h)) << name;
    h.initial_accumulator = 0x1p-130;  // subnormal
    EXPECT_FALSE(theorems.bound(h)) << name;
    EXPECT_TRUE(RunTheorems(format("double"), 2, 1, 1000).bound(h)) << name;
  }
  H outside = fast::convention<H>("optax");
  outside.epsilon_place = fast::EpsilonPlace::outside;
  EXPECT_FALSE(theorems.bound(outside));
  // A sum that starts where eight times it leaves the range may overflow.
  H large = fast::convention<H>("keras3");
  large.initial_accumulator = 0x1p15;
  EXPECT_FALSE(RunTheorems(format("fp16"), 1, 1, 1).bound(large));
}

}  // namespace
}  // namespace truestep::drift
