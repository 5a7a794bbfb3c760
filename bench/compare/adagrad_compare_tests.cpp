// SPDX-License-Identifier: Apache-2.0
// Adagrad in float.

#include <gtest/gtest.h>

#include <cmath>

#include <truestep/reference/adagrad.hpp>

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

}  // namespace
}  // namespace truestep::compare
