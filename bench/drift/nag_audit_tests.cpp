// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of NAG says.

#include <gtest/gtest.h>

#include "audited.hpp"

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

}  // namespace
}  // namespace truestep::drift
