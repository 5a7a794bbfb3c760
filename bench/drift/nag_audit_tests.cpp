// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of NAG says.

#include <gtest/gtest.h>

#include <truestep/fast/nag.hpp>

#include "audited.hpp"
#include "nag.hpp"

namespace truestep::drift {
namespace {

TEST(Audit, AClosedLoopDiffersWhereGradientsDependOnParameters) {
  const auto run = [](const std::string& workload, bool closed) {
    return audit({.rule = "nag",
                  .workload = workload,
                  .steps = 30,
                  .closed_loop = closed,
                  .setups = {drift::Setup::all_in(format("fp16"))}},
                 go_on);
  };
  EXPECT_NE(all_figures(run("rosenbrock", true), 2), all_figures(run("rosenbrock", false), 2));
  EXPECT_EQ(all_figures(run("constant", true), 2), all_figures(run("constant", false), 2));
  EXPECT_FALSE(run("softmax", true).readings[0].has_radius);
}

/// Nesterov's forms have their own theorems, of which each speaks of its own factors.
TEST(Audit, BoundsARunOfNesterovsForms) {
  const RunTheorems theorems(format("float"), 2, 1, 1000);
  const auto bound = [&](const fast::NagHyperparameters& h) {
    return static_cast<double>(theorems.bound(h).value());
  };
  const double ahead = bound({});
  fast::NagHyperparameters h;
  h.nesterov = fast::NesterovForm::stored_point;
  const double stored = bound(h);
  EXPECT_NEAR(stored / ahead, 1, 0.1);  // the same moves, but for one step of the buffer
  for (const auto form : {fast::NesterovForm::unrolled, fast::NesterovForm::difference}) {
    h.nesterov = form;
    EXPECT_EQ(bound(h), stored);
  }
  h.nesterov = fast::NesterovForm::squared_momentum;
  EXPECT_LT(bound(h), stored);
  h = {};
  h.nesterov = fast::NesterovForm::stored_point;
  h.learning_rate_site = fast::LearningRateSite::step;
  const double outside = bound(h);
  EXPECT_NEAR(outside / stored, 1, 0.1);
  h.first_buffer = fast::FirstBuffer::gradient;
  EXPECT_EQ(bound(h), outside);
  h.dampening = 1;
  EXPECT_LT(bound(h), outside);

  h = {};
  h.weight_decay_place = fast::WeightDecay::gradient;
  h.weight_decay = 1e-5;
  EXPECT_GT(bound(h), ahead);
  h.nesterov = fast::NesterovForm::stored_point;
  EXPECT_GT(bound(h), stored);
  h.first_buffer = fast::FirstBuffer::gradient;
  EXPECT_GT(bound(h), stored);
  h.weight_decay_point = fast::DecayPoint::moved;
  EXPECT_FALSE(theorems.bound(h));
  h.weight_decay_point = fast::DecayPoint::stored;
  h.weight_decay = 1;
  EXPECT_FALSE(theorems.bound(h));
}

}  // namespace
}  // namespace truestep::drift
