// SPDX-License-Identifier: Apache-2.0
// Adagrad's conventions: what is printed of one, what is refused, and weight decay in the sum.

#include "run.hpp"

#include <gtest/gtest.h>

namespace truestep::test {
namespace {

TEST(Conventions, AdagradOfJaxIsAMean) {
  EXPECT_EQ(printed<rules::Of<fast::Adagrad>>("jax"), R"(sum_0 = 0
v_0 = 0
g at theta_(t-1)
sum_t = sum_(t-1) + g^2
denominator = sqrt(sum_t)
v_t = 0.9 * v_(t-1) + (1 - 0.9) * (g / denominator if sum_t > 0 else 0)
update = 0.01 * v_t
theta_t = theta_(t-1) - update
)");
}

TEST(Conventions, NonsenseOfAdagradIsRefused) {
  using enum fast::EpsilonPlace;
  for (const auto place : {in_state, inside_with_momentum, inside_when_centered})
    EXPECT_EQ(refusal<rules::Of<fast::Adagrad>>({.epsilon_place = place}),
              "adagrad: epsilon goes inside the root or outside it");
}

// DeepSpeed's: the sum sees g + kappa theta, the step g.
TEST(Conventions, WeightDecayInTheAccumulatorAlone) {
  auto h = convention<fast::AdagradHyperparameters>("deepspeed");
  h.weight_decay = 0.5;
  const Real theta = 2, g = 3;
  const auto now = rules::Of<fast::Adagrad>::formula<Real>(h, 1).step(theta, {}, g);
  EXPECT_EQ(now.sum, 16);
  EXPECT_EQ(now.update, Real(Real(h.learning_rate) * (g / now.denominator)));
}

}  // namespace
}  // namespace truestep::test
