// SPDX-License-Identifier: Apache-2.0
// The settings that comparisons are made from.

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "runs/typed.hpp"

namespace truestep::compare {
namespace {

template <class... Values>
std::string texts(Values... values) {
  return ((settings::text(values) + " ") + ...);
}

TEST(Settings, WordsNameEveryValueInOrder) {
  using P = fast::EpsilonPlace;
  EXPECT_EQ(
      texts(P::outside, P::inside, P::in_state, P::inside_with_momentum, P::inside_when_centered),
      "outside inside in_state inside_with_momentum inside_when_centered ");
  using E = fast::EpsilonFrame;
  EXPECT_EQ(texts(E::after_correction, E::before_correction),
            "after_correction before_correction ");
  using S = fast::Start;
  EXPECT_EQ(texts(S::constant, S::epsilon, S::first_square), "constant epsilon first_square ");
  using L = fast::LearningRateSite;
  EXPECT_EQ(texts(L::buffer, L::step), "buffer step ");
  using B = fast::FirstBuffer;
  EXPECT_EQ(texts(B::recurrence, B::gradient), "recurrence gradient ");
  using N = fast::NesterovForm;
  EXPECT_EQ(texts(N::look_ahead, N::stored_point, N::unrolled, N::difference, N::squared_momentum),
            "look_ahead stored_point unrolled difference squared_momentum ");
  using Z = fast::ZeroDenominator;
  EXPECT_EQ(texts(Z::divide, Z::no_step), "divide no_step ");
  using W = fast::WeightDecay;
  EXPECT_EQ(texts(W::none, W::gradient, W::decoupled, W::accumulator),
            "none gradient decoupled accumulator ");
  EXPECT_EQ(texts(false, true), "false true ");
}

TEST(Settings, WhatIsTypedReadsBack) {
  const auto both_ways = [&]<class Rule>(Rule) {
    using H = typename Rule::Hyperparameters;
    for (const auto& each : fast::conventions_of<H>) {
      const auto& h = each.hyperparameters;
      std::string typed;
      settings::for_each_member<H>([&](const auto& named) {
        typed += (typed.empty() ? "" : ",") + std::string(named.name) + "=" +
                 settings::text(h.*named.member);
      });
      const auto again = settings::described<Rule>(settings::chosen<Rule>("lecture_note," + typed));
      settings::for_each_member<H>([&](const auto& named) {
        EXPECT_EQ(again.*named.member, h.*named.member)
            << Rule::name << " " << each.name << " " << typed;
      });
    }
  };
  std::apply([&](auto... rule) { (both_ways(rule), ...); }, rules::All());
}

}  // namespace
}  // namespace truestep::compare
