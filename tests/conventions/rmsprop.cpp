// SPDX-License-Identifier: Apache-2.0
// RMSprop's conventions: what is printed of them, what is refused, and where one is Adam.

#include "run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

namespace truestep::test {
namespace {

TEST(Conventions, RmspropOfTheSeedDoesNotLookAtItsStart) {
  EXPECT_EQ(printed<rules::Of<fast::Rmsprop>>("lecture_note"), R"(g at theta_(t-1)
s_t = g^2 + 1e-08 at t = 1
s_t = 0.9 * s_(t-1) + (1 - 0.9) * g^2 + 1e-08
sigma = sqrt(s_t)
update = 0.001 * (g / sigma)
theta_t = theta_(t-1) - update
)");
}

TEST(Conventions, RmspropOfTensorflow1StartsAtOne) {
  EXPECT_EQ(printed<rules::Of<fast::Rmsprop>>("tensorflow1"), R"(s_0 = 1
g at theta_(t-1)
s_t = 0.9 * s_(t-1) + (1 - 0.9) * g^2
sigma = sqrt(s_t + 1e-10)
update = 0.001 * (g / sigma)
theta_t = theta_(t-1) - update
)");
}

TEST(Conventions, RmspropOfKeras2IsTwoRulesByItsMomentum) {
  const auto sigma = [](auto h) {
    for (const auto& equation : proofs::equations<rules::Of<fast::Rmsprop>>(h).step)
      if (equation.quantity == "sigma") return equation.right;
    return std::string();
  };
  auto keras_legacy = convention<fast::RmspropHyperparameters>("keras_legacy");
  EXPECT_EQ(sigma(keras_legacy), "sqrt(s_t) + 1e-07");
  keras_legacy.momentum = 0.9;
  EXPECT_EQ(sigma(keras_legacy), "sqrt(s_t + 1e-07)");
  auto mxnet = convention<fast::RmspropHyperparameters>("mxnet.RMSProp@2");
  EXPECT_EQ(sigma(mxnet), "sqrt(s_t) + 1e-08");
  mxnet.centered = true;
  EXPECT_EQ(sigma(mxnet), "sqrt(s_t - mean_t^2 + 1e-08)");
}

TEST(Conventions, NonsenseOfRmspropIsRefused) {
  using enum fast::EpsilonPlace;
  using fast::Start;
  EXPECT_EQ(
      refusal<rules::Of<fast::Rmsprop>>({.weight_decay_place = fast::WeightDecay::accumulator}),
      "rmsprop: weight decay into the accumulator alone needs a sum of squares");
  EXPECT_EQ(refusal<rules::Of<fast::Rmsprop>>({.start = Start::constant, .centered = true}),
            "rmsprop: a centered mean square has no room for epsilon in the state");
  EXPECT_EQ(refusal<rules::Of<fast::Rmsprop>>({.start = Start::constant, .corrected = true}),
            "rmsprop: the correction would magnify an epsilon in the state");
  EXPECT_EQ(refusal<rules::Of<fast::Rmsprop>>({.epsilon_place = outside, .corrected = true}),
            "rmsprop: a mean that starts at the first square has no bias to correct");
}

namespace {

using Rmsprop = rules::Of<fast::Rmsprop>;

/// theta after one step of the kernel from theta = 1, s, a mean of 1 and a buffer of 0.
template <class T>
T stepped(const fast::RmspropHyperparameters& h, T s) {
  std::vector<T> state{s, T(1), T(0)};
  std::vector<std::span<T>> spans;
  for (std::size_t i = 0; i < rules::states_of<Rmsprop, Real>(h).size(); ++i)
    spans.emplace_back(&state[i], 1);
  T theta = 1;
  const T gradient = 0.5;
  rules::run_kernel<Rmsprop, T>(h, 2, std::span(&theta, 1), spans, std::span(&gradient, 1));
  return theta;
}

/// A mean of squares below the square of the mean, and one above.
template <class T>
void expect_clamped_or_kept(fast::RmspropHyperparameters h) {
  using fast::NegativeVariance;
  h.negative_variance = NegativeVariance::clamped;
  const T clamped = stepped<T>(h, 0), usual = stepped<T>(h, 4);
  EXPECT_TRUE(std::isfinite(clamped));
  const Real exact = Rmsprop::formula<Real>(h, 2).step(1, {0, 1, 0}, 0.5).theta;
  EXPECT_TRUE(isfinite(exact));
  h.negative_variance = NegativeVariance::kept;
  EXPECT_TRUE(std::isnan(stepped<T>(h, 0)));
  EXPECT_TRUE(isnan(Rmsprop::formula<Real>(h, 2).step(1, {0, 1, 0}, 0.5).theta));
  EXPECT_EQ(stepped<T>(h, 4), usual);
}

}  // namespace

TEST(Conventions, ANegativeVarianceIsZeroOrKept) {
  using enum fast::EpsilonPlace;
  for (const auto place : {inside, outside})
    for (const double momentum : {0.0, 0.9}) {
      const fast::RmspropHyperparameters h{.rho = 0.5,
                                           .epsilon = 1e-3,
                                           .epsilon_place = place,
                                           .start = fast::Start::constant,
                                           .centered = true,
                                           .momentum = momentum};
      expect_clamped_or_kept<float>(h);
      expect_clamped_or_kept<double>(h);
    }
}

TEST(Conventions, RmspropCorrectedHasTheDenominatorOfAdam) {
  using enum fast::EpsilonPlace;
  fast::RmspropHyperparameters h{.rho = 0.999, .epsilon_place = outside};
  h.start = fast::Start::constant;
  h.corrected = true;
  const auto corrected = run<rules::Of<fast::Rmsprop>, Real>(h, many);
  h.corrected = false;
  const auto uncorrected = run<rules::Of<fast::Rmsprop>, Real>(h, many);
  const auto adam = run<rules::Of<fast::Adam>, Real>({.beta1 = 0}, many);
  EXPECT_EQ(corrected.s, adam.v);
  EXPECT_EQ(corrected.sigma, adam.denominator);
  EXPECT_NE(uncorrected.sigma, adam.denominator);
}

}  // namespace
}  // namespace truestep::test
