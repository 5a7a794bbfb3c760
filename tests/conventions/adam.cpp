// SPDX-License-Identifier: Apache-2.0
// Adam's conventions: what is printed of them, what is refused, and where two are one map.

#include "run.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace truestep::test {
namespace {

TEST(Conventions, AdamOfKeras3) {
  EXPECT_EQ(printed<rules::Of<fast::Adam>>("keras3"), R"(m_0 = 0
v_0 = 0
g at theta_(t-1)
m_t = 0.9 * m_(t-1) + (1 - 0.9) * g
v_t = 0.999 * v_(t-1) + (1 - 0.999) * g^2
m_hat = m_t / (1 - 0.9^t)
denominator = (sqrt(v_t) + 1e-07) / sqrt(1 - 0.999^t)
update = 0.001 * m_hat / denominator
theta_t = theta_(t-1) - update
)");
}

TEST(Conventions, AdamOfOnnxHasAFirstStepOfItsOwn) {
  EXPECT_EQ(printed<rules::Of<fast::Adam>>("onnx"), R"(m_0 = 0
v_0 = 0
g at theta_(t-1)
m_t = 0.9 * m_(t-1) + (1 - 0.9) * g
v_t = 0.999 * v_(t-1) + (1 - 0.999) * g^2
m_hat = m_t at t = 1
m_hat = m_t / (1 - 0.9^(t - 1))
denominator = sqrt(v_t) + 1e-06 at t = 1
denominator = (sqrt(v_t) + 1e-06) / sqrt(1 - 0.999^(t - 1))
update = 0.001 * m_hat / denominator
theta_t = theta_(t-1) - update
)");
}

TEST(Conventions, NonsenseOfAdamIsRefused) {
  EXPECT_EQ(refusal<rules::Of<fast::Adam>>({.weight_decay_place = fast::WeightDecay::accumulator}),
            "adam: weight decay into the accumulator alone needs a sum of squares");
  EXPECT_EQ(refusal<rules::Of<fast::Adam>>({.weight_decay = 0.1}),
            "adam: weight_decay is given, but this convention has none");
  EXPECT_EQ(refusal<rules::Of<fast::Adam>>({.first_power = 65537}),
            "adam: first_power = 65537 is outside [0, 2^16]");
}

// (sqrt(v) + epsilon) / sqrt(c) = sqrt(v / c) + epsilon / sqrt(c), c = 1 - beta2^t.
//
// Both sides are sums of non-negative terms, computed from one rounded c. With u for half an
// epsilon of the number type, the left is rounded by a root, a sum, a root and a quotient, a factor
// within (1 + u)^3 / (1 - u); the right by a quotient under a root, that root and a sum, or by a
// root, a quotient and a sum, a factor within (1 + u)^2.5 / (1 - u). Together less than 8 u.
TEST(Conventions, EpsilonBeforeTheCorrectionIsALargerEpsilonAfterIt) {
  const Real u = std::numeric_limits<Real>::epsilon() / 2;
  for (const double beta2 : {0.5, 0.9, 0.999, 1 - 0x1p-30})
    for (const std::uint64_t t : {1u, 2u, 7u, 1000u})
      for (const double epsilon : {1e-12, 1e-8, 1.0}) {
        fast::AdamHyperparameters h{.beta2 = beta2, .epsilon = epsilon};
        h.epsilon_frame = fast::EpsilonFrame::before_correction;
        const auto before = rules::Of<fast::Adam>::formula<Real>(h, t).step(1, {}, Real(1) / 3);
        h.epsilon_frame = fast::EpsilonFrame::after_correction;
        h.epsilon = 0;
        const auto after = rules::Of<fast::Adam>::formula<Real>(h, t).step(1, {}, Real(1) / 3);
        const Real c = 1 - reference::power(Real(beta2), t);
        const Real exchanged = after.denominator + epsilon / sqrt(c);
        EXPECT_LE(Real(abs(before.denominator - exchanged)), Real(8 * u * exchanged));
        // Epsilon as it was is another map, until the correction is 1 in 50 digits.
        if (t < 1000) {
          EXPECT_GT(Real(abs(before.denominator - (after.denominator + epsilon))),
                    Real(8 * u * exchanged));
        }
      }
}

// With beta2 = 3/4 the first correction is 1/2, and the exchange is a shift of the exponent.
TEST(Conventions, TheExchangeIsExactWhereTheCorrectionIsAPowerOfTwo) {
  fast::AdamHyperparameters h{.beta2 = 0.75, .epsilon = 1e-8};
  h.epsilon_frame = fast::EpsilonFrame::before_correction;
  const auto before = run<rules::Of<fast::Adam>, Real>(h, 1).theta;
  h.epsilon_frame = fast::EpsilonFrame::after_correction;
  EXPECT_NE(before, (run<rules::Of<fast::Adam>, Real>(h, 1).theta));
  h.epsilon *= 2;
  EXPECT_EQ(before, (run<rules::Of<fast::Adam>, Real>(h, 1).theta));
}

// Decay where theta and m agree in sign, 0 being positive; m goes the way of these gradients.
TEST(Conventions, AMaskSparesWhatTheStepMovesOutward) {
  const fast::AdamHyperparameters usual{.weight_decay_place = fast::WeightDecay::decoupled,
                                        .weight_decay = 0.5};
  auto masked = usual, without = usual;
  masked.weight_decay_mask = fast::DecayMask::signs_agree;
  without.weight_decay = 0;
  const auto theta = [](const auto& h, int from, int g) {
    return rules::Of<fast::Adam>::formula<Real>(h, 1).step(from, {}, g).theta;
  };
  for (const int g : {-1, 0, 1})
    for (const int from : {-3, 0, 3}) {
      const bool alike = (from >= 0) == (g >= 0);
      EXPECT_EQ(theta(masked, from, g), theta(alike ? usual : without, from, g));
      EXPECT_EQ(theta(usual, from, g) == theta(without, from, g), from == 0);
    }
}

TEST(Conventions, AMultiplierAndASecondDecayStandAroundTheStep) {
  fast::AdamHyperparameters h{.learning_rate = 0.5,
                              .epsilon = 0,
                              .weight_decay_place = fast::WeightDecay::decoupled,
                              .weight_decay = 0.25,
                              .weight_decay_scale = fast::DecayScale::one};
  const auto theta = [](const auto& description) {
    return rules::Of<fast::Adam>::formula<Real>(description, 1).step(1, {}, 1).theta;
  };
  // The first step is the learning rate.
  EXPECT_EQ(theta(h), Real(0.25));
  h.schedule_multiplier = 0.5;
  EXPECT_EQ(theta(h), Real(0.875) - Real(0.25));
  h.weight_decay_post = 0.5;
  EXPECT_EQ(theta(h), (Real(0.875) - Real(0.25)) / 2);
}

TEST(Conventions, WhatOneMapHasAndTheKernelsLackIsRefusedByItsName) {
  using fast::AdamHyperparameters;
  const auto refused = [](const AdamHyperparameters& h) {
    const std::string message = refusal([&] { fast::coefficient_list<float>(h, 1); });
    return message.substr(0, message.find(" has no kernel"));
  };
  AdamHyperparameters decoupled{.weight_decay_place = fast::WeightDecay::decoupled,
                                .weight_decay = 0.5};
  EXPECT_EQ(refused(decoupled), "not refused");
  auto after = decoupled;
  after.weight_decay_time = fast::DecayTime::after_step;
  EXPECT_EQ(refused(after), "not refused");
  after.amsgrad = true;
  EXPECT_EQ(refused(after), "adam: weight_decay_time = after_step");
  auto masked = decoupled;
  masked.weight_decay_mask = fast::DecayMask::signs_agree;
  EXPECT_EQ(refused(masked), "adam: weight_decay_mask = signs_agree");
  masked.weight_decay = 0;
  EXPECT_EQ(refused(masked), "not refused");
  auto largest = decoupled;
  largest.amsgrad = true;
  largest.largest_of = fast::LargestOf::corrected;
  EXPECT_EQ(refused(largest), "adam: largest_of = corrected");
  largest.weight_decay = 0;
  EXPECT_EQ(refused(largest), "not refused");
  auto ahead = decoupled;
  ahead.moment_ahead = fast::MomentAhead::own_corrections;
  EXPECT_EQ(refused(ahead), "not refused");
  ahead.amsgrad = true;
  EXPECT_EQ(refused(ahead), "adam: moment_ahead = own_corrections");
  EXPECT_EQ(refused({.weight_decay_post = 0.5}), "adam: weight_decay_post = 0.5");
  EXPECT_EQ(refused({.schedule_multiplier = 0.25}), "adam: schedule_multiplier = 0.25");
}

TEST(Conventions, AmsgradKeepsTheLargestSecondMoment) {
  fast::AdamHyperparameters h{.beta2 = 0.5};
  h.amsgrad = true;
  const auto formula = rules::Of<fast::Adam>::formula<Real>(h, 5);
  const auto fallen = formula.step(1, {0, 4, 8}, 1);
  EXPECT_EQ(fallen.v_max, 8);
  EXPECT_EQ(fallen.v_hat, Real(8 / (1 - reference::power(Real(0.5), 5))));
  const auto risen = formula.step(1, {0, 4, 2}, 1);
  EXPECT_EQ(risen.v_max, risen.v);
  EXPECT_EQ(risen.v, Real(2.5));
}

}  // namespace
}  // namespace truestep::test
