// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of RMSprop says where it is centered, and what bounds a run of it.

#include <gtest/gtest.h>

#include <truestep/fast/conventions.hpp>

#include "audited.hpp"
#include "recorded_file.hpp"
#include "report.hpp"
#include "rmsprop.hpp"
#include "setups.hpp"

namespace truestep::drift {
namespace {

/// PyTorch keeps a variance that rounding makes negative, whose root is NaN. Under gradients of 0.1
/// in bfloat16 that is so in step 26, -2^-18 for what is exactly positive, by exact fractions.
TEST(Audit, FindsTheNegativeVarianceThatPyTorchKeeps) {
  const RecordedFile grads("grads.npy", 1, std::vector<double>(40, 0.1));
  const auto run = audit({.rule = "rmsprop",
                          .steps = 40,
                          .setups = {typed_setup("all_bf16")},
                          .convention = "pytorch",
                          .given = {{"centered", true}, {"rho", 0.9}},
                          .gradients = grads.path()},
                         go_on);
  for (const auto& note : run.notes)
    EXPECT_EQ(note.find("keeps a variance"), std::string::npos) << note;
  EXPECT_TRUE(run.checks().passed());
  EXPECT_EQ(run.readings[1].series[0].updates.not_finite, 0u);
  const auto& found = run.readings[2].not_finite;
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->quantity, "theta");
  EXPECT_EQ(found->first.step, 26u);
  EXPECT_NE(found->why.find("root is that of -3.81e-06, "), std::string::npos) << found->why;
}

/// With corrected means there is no kernel that keeps it.
TEST(Audit, EmulatesAKeptVarianceThatNoKernelHas) {
  const RecordedFile grads("grads.npy", 1, std::vector<double>(40, 0.1));
  const auto run = audit({.rule = "rmsprop",
                          .steps = 40,
                          .setups = {typed_setup("all_bf16")},
                          .convention = "optax",
                          .given = {{"centered", true}, {"corrected", true}},
                          .gradients = grads.path()},
                         go_on);
  ASSERT_EQ(run.notes.size(), 2u);
  EXPECT_NE(run.notes.back().find("optax keeps a variance"), std::string::npos);
  // What is a choice stands beside the convention, what is a number among the numbers.
  EXPECT_EQ(run.typed, "optax,centered=true,corrected=true");
  EXPECT_NE(table(run).find("rmsprop (optax,centered=true,corrected=true) on "), std::string::npos);
}

/// epsilon = 1e-8 is 0.17 times the least number of fp16, 2^-24, and so 0: a gradient of 0 gives
/// 0 / 0 at each of ten steps, and another one does not.
TEST(Audit, AnEpsilonThatFp16LosesMakesAZeroGradientNaN) {
  EXPECT_EQ(not_finite_in_fp16("rmsprop", "optax"), 10u);
}

/// Where the mean square starts at 1, epsilon being inside of the root and outside.
TEST(Audit, RmspropHasATheoremOfARunFromAMeanSquareAboveZero) {
  for (const char* name : {"tensorflow1", "hips_autograd"})
    EXPECT_TRUE(theta_stays_within_its_theorem("rmsprop", name)) << name;
  using H = fast::RmspropHyperparameters;
  const RunTheorems theorems(format("float"), 2, 1, 1000);
  H h = fast::convention<H>("tensorflow1");
  EXPECT_TRUE(theorems.bound(h));
  h.initial_accumulator = 0x1p-130;  // subnormal
  EXPECT_FALSE(theorems.bound(h));
  EXPECT_TRUE(RunTheorems(format("double"), 2, 1, 1000).bound(h));
  h.initial_accumulator = 0x1p126;  // may overflow
  EXPECT_FALSE(theorems.bound(h));
  H forgets;
  EXPECT_TRUE(theorems.bound(forgets));
  forgets.initial_accumulator = 1;
  EXPECT_FALSE(theorems.bound(forgets));
}

}  // namespace
}  // namespace truestep::drift
