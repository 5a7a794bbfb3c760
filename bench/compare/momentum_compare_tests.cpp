// SPDX-License-Identifier: Apache-2.0
// Comparisons of Momentum whose distances are known.

#include <gtest/gtest.h>

#include <truestep/fast/conventions.hpp>
#include <truestep/proofs/statements.hpp>

#include "compared.hpp"

namespace truestep::compare {
namespace {

// With momentum 1/2 and gradients of 1 the buffer is 1, 3/2, 7/4 learning rates, and no operation
// rounds.
TEST(Compare, KnownDistances) {
  const fast::MomentumHyperparameters whole{.learning_rate = 1, .momentum = 0.5},
      half{.learning_rate = 0.5, .momentum = 0.5};
  const std::vector<float> initial{4, 16};
  const auto comparison = compare<rules::Of<fast::Momentum>>(whole, half, initial, constant, 2);
  const Series& theta = named(comparison, "theta");
  ASSERT_EQ(theta.rows.size(), 2u);
  EXPECT_EQ(theta.rows[0].between.absolute.largest, 0.5);
  EXPECT_EQ(theta.rows[0].between.relative.largest, 0.5 / 3);
  EXPECT_EQ(theta.rows[0].between.relative.median, 0.5 / 15);
  EXPECT_EQ(theta.rows[0].between.ulp.largest, 0x1p21);
  EXPECT_EQ(theta.rows[0].between.ulp.median, 0x1p19);
  EXPECT_EQ(theta.rows[1].between.absolute.largest, 1.25);
  EXPECT_EQ(theta.rows[1].rounding.absolute.largest, 0);
  EXPECT_EQ(theta.first_beyond_rounding, 1u);
  EXPECT_EQ(named(comparison, "v").rows[1].between.absolute.largest, 0.75);
}

TEST(Compare, TheFirstStepOfADifferenceIsFound) {
  // The first gradient enters either buffer as it came.
  const fast::MomentumHyperparameters undamped{
      .momentum = 0.5, .dampening = 0, .first_buffer = fast::FirstBuffer::gradient};
  auto dampened = undamped;
  dampened.dampening = 0.5;
  const auto comparison = compare<rules::Of<fast::Momentum>>(dampened, undamped, ones, constant, 3);
  EXPECT_EQ(named(comparison, "v").first_beyond_rounding, 2u);
}

/// Neither what is exactly as far apart as float is from exact, nowhere here, nor what is less far.
TEST(Compare, WhatFloatRoundsAsFarIsNotBeyondIt) {
  const fast::MomentumHyperparameters exact{.learning_rate = 1, .momentum = 0.5};
  for (const Series& series :
       compare<rules::Of<fast::Momentum>>(exact, exact, ones, constant, 5).series) {
    EXPECT_EQ(series.rows.back().rounding.absolute.largest, 0);
    EXPECT_FALSE(series.first_beyond_rounding) << series.quantity;
  }
  const fast::MomentumHyperparameters rounded{.learning_rate = 0.01};
  auto barely = rounded;
  barely.learning_rate *= 1 + 0x1p-40;
  for (const Series& series :
       compare<rules::Of<fast::Momentum>>(rounded, barely, ones, constant, 1).series) {
    const Row& row = series.rows.back();
    EXPECT_GT(row.between.absolute.largest, 0) << series.quantity;
    EXPECT_GT(row.rounding.absolute.largest, row.between.absolute.largest) << series.quantity;
    EXPECT_FALSE(series.first_beyond_rounding) << series.quantity;
  }
}

TEST(Compare, ReportsAfterOneTwoFiveAndTheLast) {
  const fast::MomentumHyperparameters h;
  const auto comparison = compare<rules::Of<fast::Momentum>>(h, h, ones, constant, 300);
  std::vector<std::uint64_t> steps;
  for (const Row& row : named(comparison, "theta").rows) steps.push_back(row.step);
  EXPECT_EQ(steps, (std::vector<std::uint64_t>{1, 2, 5, 10, 20, 50, 100, 200, 300}));
}

TEST(Compare, StatesThatCannotBeComparedAreNot) {
  using H = fast::MomentumHyperparameters;
  const auto sites = compare<rules::Of<fast::Momentum>>(
      fast::convention<H>("keras_legacy"), fast::convention<H>("optax"), ones, constant, 1);
  EXPECT_EQ(sites.series.size(), 1u);
  EXPECT_EQ(sites.not_comparable, std::vector<std::string>{"v"});
}

TEST(Compare, AMissingGradientIsAnError) {
  const std::vector<float> three(3);
  try {
    compare<rules::Of<fast::Momentum>>({}, {}, three, constant, 1);
    ADD_FAILURE() << "not refused";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "step 1 has 2 gradients for 3 parameters");
  }
}

}  // namespace
}  // namespace truestep::compare
