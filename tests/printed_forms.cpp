// SPDX-License-Identifier: Apache-2.0
// The rules as the seed prints them, slips included, pinned to their published first steps; what
// the ledger in reference/README.md says of them, in numbers.

#include <gtest/gtest.h>

#include <iterator>
#include <limits>
#include <truestep/reference/adadelta.hpp>
#include <truestep/reference/adagrad.hpp>
#include <truestep/reference/adam.hpp>
#include <truestep/reference/rmsprop.hpp>

#include "support/subject.hpp"

namespace truestep::test {
namespace {

using reference::AdadeltaAsPrinted, reference::AdagradAsPrinted, reference::AdamAsPrinted,
    reference::RmspropAsPrinted;
using Exponent = AdamAsPrinted<Real>::Exponent;

/// x to as many decimals as the table prints, rounded to nearest.
void expect_printed(const Real& x, const std::string& printed) {
  const auto decimals = printed.size() - printed.find('.') - 1;
  EXPECT_EQ(x.str(static_cast<std::streamsize>(decimals), std::ios_base::fixed), printed);
}

/// theta_(t-1) - theta_t for t = 1, 2, ... from theta_0 = 0 and the rule's start; `take` is given t
/// and the step before.
template <class Step, class Take>
void expect_steps(Step now, Take take, std::initializer_list<const char*> printed) {
  now.theta = 0;
  std::uint64_t t = 0;
  for (const char* step : printed) {
    const Step next = take(++t, now);
    expect_printed(now.theta - next.theta, step);
    now = next;
  }
}

TEST(PrintedForms, AdagradDividesTwice) {
  using Printed = AdagradAsPrinted<Real>;
  // The gradient is 1 everywhere, so that the one at the point being computed is known.
  Printed::Step start{};
  start.sum = 1;
  start.alpha = 1;
  expect_steps(start,
               [](auto, const auto& now) { return Printed::both_lines(now.theta, now, 1, 1); },
               {"0.5000", "0.2357", "0.1021", "0.0408"});
  expect_steps(start,
               [](auto, const auto& now) { return Printed::last_line(now.theta, now, 0, 1, 1); },
               {"0.7071", "0.5774", "0.5000", "0.4472"});
}

TEST(PrintedForms, AdadeltaStartsAThousandTimesTooFar) {
  expect_steps(AdadeltaAsPrinted<Real>::Step{},
               [](auto t, const auto& now) {
                 return AdadeltaAsPrinted<Real>({.rho = 0.95, .epsilon = 1e-6}, 1, t)
                     .step(now.theta, now, 1);
               },
               {"1000.000000", "0.004472", "0.004529", "0.004568"});
}

TEST(PrintedForms, AdadeltaForgetsTheFirstGradientAndTheFirstMove) {
  const auto second_move = [](auto rule, double first_gradient) {
    auto now = rule(1).step(0, {}, first_gradient);
    return Real(rule(2).step(0, now, 4).theta);
  };
  const reference::AdadeltaHyperparameters h{.rho = 0.95, .epsilon = 1e-6};
  const auto printed = [&](std::uint64_t t) { return AdadeltaAsPrinted<Real>(h, 1, t); };
  const auto repaired = [&](std::uint64_t t) { return reference::Adadelta<Real>(h, t); };
  expect_printed(-second_move(printed, 3), "0.004472");
  expect_printed(-second_move(printed, 300), "0.004472");
  expect_printed(-second_move(repaired, 3), "0.005106");
  expect_printed(-second_move(repaired, 300), "0.000087");
}

TEST(PrintedForms, RmspropStepsUphill) {
  const auto take = [](double epsilon, double g) {
    return [=](std::uint64_t t, const auto& now) {
      return RmspropAsPrinted<Real>({.learning_rate = 1, .rho = 0.9, .epsilon = epsilon}, t)
          .step(now.theta, now, Real(g));
    };
  };
  const RmspropAsPrinted<Real>::Step start{};
  expect_steps(start, take(1, 1), {"1.0000", "0.7071", "0.5872", "0.5192"});
  expect_steps(start, take(1e-8, 1), {"1.0000", "1.0000", "1.0000", "1.0000"});
  // A negative gradient should raise theta, and does from the second step on.
  expect_steps(start, take(1, -1), {"1.0000", "-0.7071", "-0.5872", "-0.5192"});
  // A zero gradient should leave theta where it is.
  EXPECT_TRUE(isnan(take(1, 0)(1, start).theta));

  auto now = start;
  now.theta = 0;
  Real last = 0;
  for (std::uint64_t t = 1; t <= 300; ++t) {
    const auto next = take(1, 1)(t, now);
    last = now.theta - next.theta;
    now = next;
  }
  expect_printed(last, "0.3015");  // epsilon has grown to epsilon / (1 - beta) = 10
}

TEST(PrintedForms, RmspropsSecondRowDividesByTheSigmaOfTheThird) {
  // A gradient of 1 everywhere, so that the one at the point being computed is known.
  Real sigma2 = 1, sigma[4];
  for (std::uint64_t t = 2; t <= 3; ++t) {
    sigma2 = reference::Rmsprop<Real>({.learning_rate = 1, .rho = 0.9, .epsilon = 1}, t)
                 .accumulate(sigma2, 1);
    sigma[t] = sqrt(sigma2);
  }
  expect_printed(1 / sigma[2], "0.7071");  // the seed's sigma_1, by its other rows
  expect_printed(1 / sigma[3], "0.5872");  // the seed's sigma_2, as its second row has it
}

AdamAsPrinted<Real>::Step printed_adam(std::uint64_t t, const AdamAsPrinted<Real>::Step& now,
                                       Exponent exponent) {
  return AdamAsPrinted<Real>({.learning_rate = 1, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 0}, t,
                             exponent)
      .step(now.theta, now, 1);
}

/// The first step after which v exceeds the largest number of a format.
std::uint64_t overflows_at(double largest, Exponent exponent) {
  AdamAsPrinted<Real>::Step now{};
  now.theta = 0;
  std::uint64_t t = 0;
  while (now.v <= Real(largest)) now = printed_adam(++t, now, exponent);
  return t;
}

TEST(PrintedForms, AdamDiesOutAndOverflows) {
  for (const auto& [exponent, steps, travel] :
       {std::tuple{Exponent::of_the_first_rows, std::array{"1.0000", "0.2353", "0.0437", "0.0073"},
                   "1.288"},
        {Exponent::of_the_general_row, std::array{"1.0000", "0.3162", "0.0678", "0.0124"},
         "1.399"}}) {
    expect_steps(
        AdamAsPrinted<Real>::Step{},
        [which = exponent](auto t, const auto& now) { return printed_adam(t, now, which); },
        {steps[0], steps[1], steps[2], steps[3]});
    AdamAsPrinted<Real>::Step now{};
    now.theta = 0;
    for (std::uint64_t t = 1; t <= 100; ++t) now = printed_adam(t, now, exponent);
    expect_printed(-now.theta, travel);
  }
  EXPECT_EQ(overflows_at(std::numeric_limits<float>::max(), Exponent::of_the_first_rows), 20);
  EXPECT_EQ(overflows_at(std::numeric_limits<double>::max(), Exponent::of_the_first_rows), 329);
  EXPECT_EQ(overflows_at(std::numeric_limits<double>::max(), Exponent::of_the_general_row), 325);
  // The general row's divisor at the first step.
  EXPECT_EQ(1 - reference::power(Real(0.9), 0), 0);
}

}  // namespace
}  // namespace truestep::test
