// SPDX-License-Identifier: Apache-2.0
// NAG's conventions: what is printed of them, what is refused, and where two are one map.

#include "run.hpp"

#include <gtest/gtest.h>

namespace truestep::test {
namespace {

TEST(Conventions, NagOfTheSeedLooksAheadAndChainersSquaresTheMomentum) {
  EXPECT_EQ(printed<rules::Of<fast::Nag>>("lecture_note"), R"(v_0 = 0
g at theta_(t-1) + 0.9 * v_(t-1)
v_t = 0.9 * v_(t-1) - 0.01 * g
theta_t = theta_(t-1) + v_t
)");
  EXPECT_EQ(printed<rules::Of<fast::Nag>>("chainer"), R"(v_0 = 0
g at theta_(t-1)
v_t = 0.9 * v_(t-1) - 0.01 * g
theta_t = theta_(t-1) + (0.9^2 * v_t + (1 + 0.9) * (-0.01 * g))
)");
}

TEST(Conventions, NonsenseOfNagIsRefused) {
  using fast::NesterovForm, fast::FirstBuffer;
  EXPECT_EQ(refusal<rules::Of<fast::Nag>>({.weight_decay_place = fast::WeightDecay::accumulator}),
            "nag: weight decay has no accumulator to go into");
  for (const auto form :
       {NesterovForm::unrolled, NesterovForm::difference, NesterovForm::squared_momentum}) {
    const std::string reason = "nag: the unrolled forms assume a buffer without dampening";
    EXPECT_EQ(refusal<rules::Of<fast::Nag>>({.dampening = 0.1, .nesterov = form}), reason);
    EXPECT_EQ(
        refusal<rules::Of<fast::Nag>>({.nesterov = form, .first_buffer = FirstBuffer::gradient}),
        reason);
  }
}

// From theta = 1 and v = 1/2, momentum 1/2, rate 1, g = 0 and kappa = 1/4.
TEST(Conventions, AnyOfThreeThetasMayDecayIntoTheGradient) {
  fast::NagHyperparameters h{.learning_rate = 1,
                             .momentum = 0.5,
                             .nesterov = fast::NesterovForm::stored_point,
                             .weight_decay_place = fast::WeightDecay::gradient,
                             .weight_decay = 0.25};
  const auto step = [&](fast::DecayPoint point) {
    h.weight_decay_point = point;
    Step<rules::Of<fast::Nag>, Rational> before{};
    before.v = Rational(1, 2);
    return rules::Of<fast::Nag>::formula<Rational>(h, 2).step(1, before, 0);
  };
  const auto stored = step(fast::DecayPoint::stored), moved = step(fast::DecayPoint::moved);
  EXPECT_EQ(stored.v, 0);
  EXPECT_EQ(stored.theta, Rational(3, 4));
  EXPECT_EQ(moved.theta, stored.theta);
  EXPECT_EQ(moved.v, Rational(1, 4) - Rational(3, 16));
  const auto ahead = step(fast::DecayPoint::look_ahead);
  EXPECT_EQ(ahead.v, Rational(1, 4) - Rational(5, 16));
  EXPECT_EQ(ahead.theta, 1 + ahead.v / 2 - Rational(5, 16));
}

TEST(Conventions, ThreeFormsOfNesterovAreOneMap) {
  using enum fast::NesterovForm;
  for (const auto site : {fast::LearningRateSite::buffer, fast::LearningRateSite::step}) {
    const auto theta = [&](fast::NesterovForm form) {
      return run<rules::Of<fast::Nag>, Rational>({.nesterov = form, .learning_rate_site = site},
                                                 many)
          .theta;
    };
    EXPECT_EQ(theta(stored_point), theta(unrolled));
    EXPECT_EQ(theta(stored_point), theta(difference));
    EXPECT_NE(theta(stored_point), theta(squared_momentum));
    EXPECT_NE(theta(stored_point), theta(look_ahead));
  }
}

// phi = theta + momentum v, on L = theta^2 / 2, whose gradient is the point.
TEST(Conventions, TheStoredPointIsTheLookAheadPoint) {
  for (const auto site : {fast::LearningRateSite::buffer, fast::LearningRateSite::step}) {
    const fast::NagHyperparameters ahead{.learning_rate_site = site};
    auto stored = ahead;
    stored.nesterov = fast::NesterovForm::stored_point;
    Step<rules::Of<fast::Nag>, Rational> theta{}, phi{};
    theta.theta = phi.theta = 1;
    for (std::uint64_t t = 1; t <= many; ++t) {
      const auto looking = rules::Of<fast::Nag>::formula<Rational>(ahead, t);
      theta = looking.step(theta.theta, theta, looking.look_ahead(theta.theta, theta));
      phi = rules::Of<fast::Nag>::formula<Rational>(stored, t).step(phi.theta, phi, phi.theta);
      EXPECT_EQ(phi.theta, looking.look_ahead(theta.theta, theta));
      EXPECT_EQ(phi.v, theta.v);
      EXPECT_NE(phi.theta, theta.theta);
    }
  }
}

}  // namespace
}  // namespace truestep::test
