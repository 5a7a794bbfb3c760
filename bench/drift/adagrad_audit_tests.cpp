// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of Adagrad says.

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace truestep::drift
