// SPDX-License-Identifier: Apache-2.0
// Adadelta's conventions: what is refused.

#include "run.hpp"

#include <gtest/gtest.h>

namespace truestep::test {
namespace {

TEST(Conventions, NonsenseOfAdadeltaIsRefused) {
  EXPECT_EQ(
      refusal<rules::Of<fast::Adadelta>>({.weight_decay_place = fast::WeightDecay::accumulator}),
      "adadelta: weight decay into the accumulator alone needs a sum of squares");
  EXPECT_EQ(refusal([] { convention<fast::AdadeltaHyperparameters>("burn"); }).substr(0, 54),
            "convention = burn is not one of {lecture_note, paper, ");
}

}  // namespace
}  // namespace truestep::test
