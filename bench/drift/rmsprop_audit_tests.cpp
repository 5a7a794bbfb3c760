// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of RMSprop says where it is centered.

#include <gtest/gtest.h>

#include "audited.hpp"
#include "recorded_file.hpp"
#include "setups.hpp"

namespace truestep::drift {
namespace {

/// PyTorch keeps a variance that rounding makes negative, whose root is NaN. Under a gradient of 1
/// the moments of bfloat16 near 1 from below, a spacing of 2^-8 apart, and s - mean^2, exactly
/// positive, is less than that.
TEST(Audit, FindsTheNegativeVarianceThatPyTorchKeeps) {
  const RecordedFile grads("grads.npy", 1, std::vector<double>(300, 1.0));
  const auto run = audit({.rule = "rmsprop",
                          .steps = 300,
                          .setups = {typed_setup("all_bf16")},
                          .convention = "pytorch",
                          .given = {{"centered", true}, {"rho", 0.9}},
                          .gradients = grads.path()},
                         go_on);
  ASSERT_EQ(run.notes.size(), 1u);
  EXPECT_NE(run.notes.front().find("pytorch keeps a variance"), std::string::npos);
  EXPECT_EQ(run.readings[1].series[0].updates.not_finite, 0u);
  const auto& found = run.readings[2].not_finite;
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->quantity, "theta");
  EXPECT_NE(found->why.find("root is that of -"), std::string::npos) << found->why;
}

}  // namespace
}  // namespace truestep::drift
