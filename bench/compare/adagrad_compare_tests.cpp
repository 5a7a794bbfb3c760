// SPDX-License-Identifier: Apache-2.0
// Adagrad in float, and where it divides by 0.

#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

#include <truestep/reference/adagrad.hpp>

#include "compared.hpp"
#include "runs/float_formula.hpp"

namespace truestep::compare {
namespace {

TEST(Compare, AdagradInFloatIsTheFormulaOperationByOperation) {
  float sum = 0, theta = 1;
  reference::Adagrad<Float>::Step adagrad{};
  adagrad.sum = Float::data(0), adagrad.theta = Float::data(1);
  for (std::uint64_t t = 1; t <= 100; ++t) {
    const float g = 0.1f * static_cast<float>(t % 7);
    sum = sum + g * g;
    theta = theta - 0.01f * (g / std::sqrt(sum + 1e-8f));
    adagrad = reference::Adagrad<Float>({.learning_rate = 0.01, .epsilon = 1e-8}, t)
                  .step(adagrad.theta, adagrad, Float::data(g));
  }
  EXPECT_EQ(adagrad.sum.value(), sum);
  EXPECT_EQ(adagrad.theta.value(), theta);
}

/// A gradient of 0 over a sum of 0: what is no number in both is not apart, and what is in one is
/// infinitely far from the other.
TEST(Compare, WhatIsNoNumberInBothIsNotApart) {
  const std::vector<float> zeros(2);
  const auto still = [&](std::span<const float>) { return std::span<const float>(zeros); };
  const fast::AdagradHyperparameters divides{.epsilon = 0};
  auto adds = divides;
  adds.epsilon = 1;
  const auto apart = [&](const auto& first, const auto& second) {
    const auto comparison = compare<rules::Of<fast::Adagrad>>(first, second, ones, still, 1);
    return named(comparison, "theta").rows.back().between.absolute;
  };
  EXPECT_EQ(apart(divides, divides).largest, 0);
  EXPECT_EQ(apart(divides, divides).median, 0);
  EXPECT_EQ(apart(adds, adds).largest, 0);
  EXPECT_TRUE(std::isinf(apart(divides, adds).largest));
  EXPECT_TRUE(std::isinf(apart(adds, divides).largest));
}

}  // namespace
}  // namespace truestep::compare
