// SPDX-License-Identifier: Apache-2.0
// Comparisons whose distances are known, and the settings that they are made from.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <truestep/reference/adagrad.hpp>
#include <truestep/reference/adam.hpp>
#include <vector>

#include "compare.hpp"
#include "runs/float_formula.hpp"
#include "runs/typed.hpp"

namespace truestep::compare {
namespace {

/// The gradient is `pull` times the point.
class Quadratic {
 public:
  explicit Quadratic(float pull) : pull_(pull) {}

  std::span<const float> operator()(std::span<const float> parameters) {
    asked_at.emplace_back(parameters.begin(), parameters.end());
    gradient_ = asked_at.back();
    for (float& g : gradient_) g *= pull_;
    return gradient_;
  }

  std::vector<std::vector<float>> asked_at;

 private:
  float pull_;
  std::vector<float> gradient_;
};

const std::vector<float> ones{1, 1};
std::span<const float> constant(std::span<const float>) { return ones; }

const Series& named(const Comparison& comparison, const std::string& quantity) {
  for (const Series& series : comparison.series)
    if (series.quantity == quantity) return series;
  throw std::out_of_range(quantity);
}

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

TEST(Compare, ReportsAfterOneTwoFiveAndTheLast) {
  const fast::MomentumHyperparameters h;
  const auto comparison = compare<rules::Of<fast::Momentum>>(h, h, ones, constant, 300);
  std::vector<std::uint64_t> steps;
  for (const Row& row : named(comparison, "theta").rows) steps.push_back(row.step);
  EXPECT_EQ(steps, (std::vector<std::uint64_t>{1, 2, 5, 10, 20, 50, 100, 200, 300}));
}

TEST(Compare, AsksForTheGradientWhereTheFirstDescriptionDoes) {
  const auto second_point = [](const char* convention) {
    const auto h = fast::convention<fast::NagHyperparameters>(convention);
    Quadratic quadratic(1);
    compare<rules::Of<fast::Nag>>(h, h, ones, std::ref(quadratic), 2);
    return quadratic.asked_at[1][0];
  };
  const float v = -0.01f, theta = 1 + v;
  EXPECT_EQ(second_point("seed"), theta + 0.9f * v);
  EXPECT_EQ(second_point("keras2"), 1 + (0.9f * v + v));
}

TEST(Compare, StatesThatCannotBeComparedAreNot) {
  using H = fast::MomentumHyperparameters;
  const auto sites = compare<rules::Of<fast::Momentum>>(
      fast::convention<H>("keras2"), fast::convention<H>("optax"), ones, constant, 1);
  EXPECT_EQ(sites.series.size(), 1u);
  EXPECT_EQ(sites.not_comparable, std::vector<std::string>{"v"});
  auto h = fast::convention<fast::AdamHyperparameters>("pytorch");
  const auto without = h;
  h.amsgrad = true;
  EXPECT_EQ(compare<rules::Of<fast::Adam>>(h, without, ones, constant, 1).series.size(), 3u);
  EXPECT_EQ(compare<rules::Of<fast::Adam>>(h, h, ones, constant, 1).series.size(), 4u);
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

/// Adam's v in float as a program would have it, with a coefficient of the caller's.
float plain_v(float weight) {
  float v = 0;
  for (int t = 1; t <= 100; ++t) v = 0.999f * v + weight * (0.1f * 0.1f);
  return v;
}

TEST(Compare, FloatIsTheFormulaOperationByOperation) {
  float sum = 0, theta = 1;
  reference::Adagrad<Float>::Step adagrad{};
  adagrad.sum = Float::data(0), adagrad.theta = Float::data(1);
  reference::Adam<Float>::Step adam{};
  adam.v = Float::data(0);
  for (std::uint64_t t = 1; t <= 100; ++t) {
    const float g = 0.1f * static_cast<float>(t % 7);
    sum = sum + g * g;
    theta = theta - 0.01f * (g / std::sqrt(sum + 1e-8f));
    adagrad = reference::Adagrad<Float>({.learning_rate = 0.01, .epsilon = 1e-8}, t)
                  .step(adagrad.theta, adagrad, Float::data(g));
    adam = reference::Adam<Float>(
               {.learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 0}, t)
               .step(Float::data(1), adam, Float::data(0.1f));
  }
  EXPECT_EQ(adagrad.sum.value(), sum);
  EXPECT_EQ(adagrad.theta.value(), theta);
  EXPECT_EQ(adam.v.value(), plain_v(static_cast<float>(1 - 0.999)));
  EXPECT_NE(adam.v.value(), plain_v(1 - 0.999f));
}

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
      const auto again = settings::described<Rule>(settings::chosen<Rule>("seed," + typed));
      settings::for_each_member<H>([&](const auto& named) {
        EXPECT_EQ(again.*named.member, h.*named.member)
            << Rule::name << " " << each.name << " " << typed;
      });
    }
  };
  std::apply([&](auto... rule) { (both_ways(rule), ...); }, rules::All());
}

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
  EXPECT_EQ(refusal("seed"), "not refused");
  EXPECT_EQ(refusal("seed,rho=1"), "rmsprop: rho = 1 is outside [0, 1)");
  EXPECT_EQ(refusal("seed,learning_rate=-1"), "rmsprop: learning_rate = -1 is outside [0, 2^64]");
  EXPECT_EQ(refusal("seed,epsilon=nan"), "rmsprop: epsilon = nan is outside [0, 2^64]");
  EXPECT_EQ(refusal("seed,epsilon=1e-8x"), "epsilon = 1e-8x is not a number");
  EXPECT_EQ(refusal("seed,epsilon"), "epsilon is not of the form NAME=VALUE");
  EXPECT_EQ(refusal("seed,start=zero"),
            "start = zero is not one of {constant, epsilon, first_square}");
  EXPECT_EQ(refusal("seed,corrected=true"),
            "rmsprop: the correction would magnify an epsilon in the state");
  EXPECT_EQ(refusal("seed,beta=0.9").substr(0, 32), "rmsprop: beta is not one of {lea");
}

}  // namespace
}  // namespace truestep::compare
