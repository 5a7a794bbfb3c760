// SPDX-License-Identifier: Apache-2.0
// Comparisons of Adam, and the settings that they are made from.

#include <gtest/gtest.h>

#include <functional>

#include <truestep/fast/conventions.hpp>
#include <truestep/reference/adam.hpp>

#include "compared.hpp"
#include "runs/float_formula.hpp"
#include "runs/typed.hpp"

namespace truestep::compare {
namespace {

TEST(Compare, OneDescriptionIsNowhereApart) {
  const auto h = fast::convention<fast::AdamHyperparameters>("pytorch");
  Quadratic quadratic(0.3f);
  const std::vector<float> initial{1.7f, -0.3f, 5.1f};
  const auto comparison = compare<rules::Of<fast::Adam>>(h, h, initial, std::ref(quadratic), 100);
  ASSERT_EQ(comparison.series.size(), 3u);
  for (const Series& series : comparison.series) {
    EXPECT_FALSE(series.first_beyond_rounding);
    for (const Row& row : series.rows) EXPECT_EQ(row.between.absolute.largest, 0);
    EXPECT_GT(series.rows.back().rounding.absolute.largest, 0) << series.quantity;
  }
}

TEST(Compare, StatesThatOnlyOneHasAreNot) {
  auto h = fast::convention<fast::AdamHyperparameters>("pytorch");
  const auto without = h;
  h.amsgrad = true;
  EXPECT_EQ(compare<rules::Of<fast::Adam>>(h, without, ones, constant, 1).series.size(), 3u);
  EXPECT_EQ(compare<rules::Of<fast::Adam>>(h, h, ones, constant, 1).series.size(), 4u);
}

/// Adam's v in float as a program would have it, with a coefficient of the caller's.
float plain_v(float weight) {
  float v = 0;
  for (int t = 1; t <= 100; ++t) v = 0.999f * v + weight * (0.1f * 0.1f);
  return v;
}

TEST(Compare, FloatIsTheFormulaOperationByOperation) {
  reference::Adam<Float>::Step adam{};
  adam.v = Float::data(0);
  for (std::uint64_t t = 1; t <= 100; ++t)
    adam = reference::Adam<Float>(
               {.learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 0}, t)
               .step(Float::data(1), adam, Float::data(0.1f));
  EXPECT_EQ(adam.v.value(), plain_v(static_cast<float>(1 - 0.999)));
  EXPECT_NE(adam.v.value(), plain_v(1 - 0.999f));
}

TEST(Settings, OnesOwnGoBeforeThoseOfBothAndThoseBeforeTheConventions) {
  using Adam = rules::Of<fast::Adam>;
  const auto h = settings::described<Adam>(
      settings::chosen<Adam>("burn,epsilon=1e-3,amsgrad=true"),
      settings::read_assignments<Adam>("epsilon=1,beta1=0.5,first_power=0"));
  EXPECT_EQ(h.epsilon, 1e-3);
  EXPECT_EQ(h.beta1, 0.5);
  EXPECT_EQ(h.first_power, 0u);
  EXPECT_TRUE(h.amsgrad);
  EXPECT_EQ(h.weight_decay_place, fast::WeightDecay::gradient);
}

}  // namespace
}  // namespace truestep::compare
