// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of Adadelta says.

#include <gtest/gtest.h>

#include "audited.hpp"

namespace truestep::drift {
namespace {

/// epsilon = 1e-6 is 16.8 times the least number of fp16, 2^-24, so that a gradient of 0 gives
/// sqrt(epsilon) 0 / sqrt(epsilon), which is 0.
TEST(Audit, AnEpsilonThatFp16HoldsKeepsAZeroGradientFinite) {
  EXPECT_EQ(not_finite_in_fp16("adadelta", "optax"), 0u);
}

}  // namespace
}  // namespace truestep::drift
