// SPDX-License-Identifier: Apache-2.0
// Comparisons of NAG.

#include <gtest/gtest.h>

#include <truestep/fast/conventions.hpp>
#include <truestep/proofs/statements.hpp>

#include "compared.hpp"

namespace truestep::compare {
namespace {

TEST(Compare, AsksForTheGradientWhereTheFirstDescriptionDoes) {
  const auto second_point = [](const char* convention) {
    const auto h = fast::convention<fast::NagHyperparameters>(convention);
    Quadratic quadratic(1);
    compare<rules::Of<fast::Nag>>(h, h, ones, std::ref(quadratic), 2);
    return quadratic.asked_at[1][0];
  };
  const float v = -0.01f, theta = 1 + v;
  EXPECT_EQ(second_point("lecture_note"), theta + 0.9f * v);
  EXPECT_EQ(second_point("keras_legacy"), 1 + (0.9f * v + v));
}

}  // namespace
}  // namespace truestep::compare
