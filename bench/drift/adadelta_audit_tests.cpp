// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of Adadelta says.

#include <gtest/gtest.h>

#include <truestep/fast/conventions.hpp>

#include "adadelta.hpp"
#include "audited.hpp"

namespace truestep::drift {
namespace {

/// epsilon = 1e-6 is 16.8 times the least number of fp16, 2^-24, so that a gradient of 0 gives
/// sqrt(epsilon) 0 / sqrt(epsilon), which is 0.
TEST(Audit, AnEpsilonThatFp16HoldsKeepsAZeroGradientFinite) {
  EXPECT_EQ(not_finite_in_fp16("adadelta", "optax"), 0u);
}

/// A learning rate scales the steps, their errors and so their bound.
TEST(Audit, AdadeltaHasATheoremOfARunWithALearningRate) {
  for (const char* name : {"keras3", "tensorflow1"})
    EXPECT_TRUE(theta_stays_within_its_theorem("adadelta", name)) << name;
  using H = fast::AdadeltaHyperparameters;
  const RunTheorems theorems(format("float"), 2, 0, 100);
  const H h;
  H scaled = h;
  scaled.learning_rate = 0x1p-10;
  const Real ratio = theorems.bound(h).value() / theorems.bound(scaled).value();
  EXPECT_GT(ratio, 1020);
  EXPECT_LT(ratio, 1030);
  scaled.learning_rate = 0x1p-130;  // subnormal
  EXPECT_FALSE(theorems.bound(scaled));
  scaled.learning_rate = 0.5;
  scaled.accumulates_scaled = true;
  EXPECT_FALSE(theorems.bound(scaled));
  scaled = h;
  scaled.learning_rate = 0x1p64;
  EXPECT_TRUE(theorems.bound(scaled));
  EXPECT_FALSE(RunTheorems(format("float"), 0x1p62, 0, 100).bound(scaled));  // may overflow
}

}  // namespace
}  // namespace truestep::drift
