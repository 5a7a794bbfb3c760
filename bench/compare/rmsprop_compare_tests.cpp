// SPDX-License-Identifier: Apache-2.0
// Settings of RMSprop that cannot be.

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "runs/typed.hpp"

namespace truestep::compare {
namespace {

std::string refusal(const char* typed) {
  try {
    using Rmsprop = rules::Of<fast::Rmsprop>;
    settings::described<Rmsprop>(settings::chosen<Rmsprop>(typed));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "not refused";
}

TEST(Settings, WhatCannotBeIsRefused) {
  EXPECT_EQ(refusal("lecture_note"), "not refused");
  EXPECT_EQ(refusal("lecture_note,rho=1"), "rmsprop: rho = 1 is outside [0, 1)");
  EXPECT_EQ(refusal("lecture_note,learning_rate=-1"),
            "rmsprop: learning_rate = -1 is outside [0, 2^64]");
  EXPECT_EQ(refusal("lecture_note,epsilon=nan"), "rmsprop: epsilon = nan is outside [0, 2^64]");
  EXPECT_EQ(refusal("lecture_note,epsilon=1e-8x"), "epsilon = 1e-8x is not a number");
  EXPECT_EQ(refusal("lecture_note,epsilon"), "epsilon is not of the form NAME=VALUE");
  EXPECT_EQ(refusal("lecture_note,start=zero"),
            "start = zero is not one of {constant, epsilon, first_square}");
  EXPECT_EQ(refusal("lecture_note,corrected=true"),
            "rmsprop: the correction would magnify an epsilon in the state");
  EXPECT_EQ(refusal("lecture_note,beta=0.9").substr(0, 32), "rmsprop: beta is not one of {lea");
}

}  // namespace
}  // namespace truestep::compare
