// SPDX-License-Identifier: Apache-2.0
// Momentum's conventions: what is refused, and where two are not one map.

#include "run.hpp"

#include <gtest/gtest.h>

namespace truestep::test {
namespace {

TEST(Conventions, NonsenseOfMomentumIsRefused) {
  EXPECT_EQ(
      refusal<rules::Of<fast::Momentum>>({.weight_decay_place = fast::WeightDecay::accumulator}),
      "momentum: weight decay has no accumulator to go into");
}

TEST(Conventions, AChangingLearningRateMayNot) {
  const auto theta = [](fast::LearningRateSite site) {
    fast::MomentumHyperparameters h{.learning_rate_site = site};
    auto now = run<rules::Of<fast::Momentum>, Rational>(h, 2);
    h.learning_rate /= 2;
    return Rational(
        rules::Of<fast::Momentum>::formula<Rational>(h, 3).step(now.theta, now, 1).theta);
  };
  EXPECT_NE(theta(fast::LearningRateSite::buffer), theta(fast::LearningRateSite::step));
}

}  // namespace
}  // namespace truestep::test
