// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of Adam says.

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include <truestep/fast/conventions.hpp>

#include "adam.hpp"
#include "audited.hpp"
#include "compare/compare.hpp"
#include "runs/workload.hpp"
#include "emulated_run.hpp"
#include "kernel_run.hpp"
#include "report.hpp"

namespace truestep::drift {
namespace {

/// A step of Adam by kernel and formula, each by a convention of its own, while the emulation
/// follows the seed.
Checks mixed(const char* of_kernel, const char* of_formula) {
  using Rule = rules::Of<fast::Adam>;
  const auto described = fast::convention<Rule::Hyperparameters>;
  const Rule::Hyperparameters h, by_kernel = described(of_kernel),
                                 by_formula = described(of_formula);
  const std::vector<float> initial{1};
  const std::vector<double> gradient{0.5};
  const std::vector<Real> exact_gradient{0.5};
  ExactRun<Rule> exact(by_formula, initial);
  EmulatedCoefficients<Rule> coefficients(drift::Setup::all_in(format("float")));
  EmulatedRun<Rule> run(h, drift::Setup::all_in(format("float")), 0, initial);
  RadiusRun<Rule, float> kernel(by_kernel, 0, initial);
  exact.step(Rule::formula<Real>(by_formula, 1), exact_gradient);
  run.step(1, coefficients.next(h, 1), gradient, exact_gradient, exact);
  kernel.step(by_kernel, 1, gradient, exact, run);
  return kernel.checks(0);
}

TEST(Audit, AnotherConventionIsSeen) {
  EXPECT_TRUE(mixed("lecture_note", "lecture_note").passed());
  EXPECT_GT(mixed("mlx", "lecture_note").other_bits, 0u);
  EXPECT_GT(mixed("lecture_note", "mlx").exceeded, 0u);
}

TEST(Audit, RefusesWhatItCannotCompensate) {
  drift::Setup compensated = drift::Setup::all_in(format("bfloat16"));
  compensated.kahan = true;
  EXPECT_THROW(audit({.rule = "adam",
                      .workload = "constant",
                      .steps = 1,
                      .setups = {compensated},
                      .convention = "pytorch",
                      .given = {{"weight_decay", 0.01}}},
                     go_on),
               std::invalid_argument);
}

/// The distances in proportion are those that `truestep compare` finds, which evaluates the same
/// formulas in code of its own; gradients do not depend on parameters here.
TEST(Audit, OtherConventionsAreAsFarAsCompareSays) {
  using Hyperparameters = fast::AdamHyperparameters;
  const auto run = audited("adam", {}, 20, "sparse");
  ASSERT_GT(run.others.size(), 1u);
  EXPECT_GT(run.float_drift, 0);
  std::vector<double> distances;
  for (const auto& [conventions, distance] : run.others) {
    const auto source = workload("sparse");
    std::vector<float> gradient;
    const auto next = [&](std::span<const float> at) {
      source->next_step();
      const auto given = source->gradient(std::vector<double>(at.begin(), at.end()));
      gradient.assign(given.begin(), given.end());
      return std::span<const float>(gradient);
    };
    auto other = fast::convention<Hyperparameters>(conventions.front());
    const Hyperparameters seed;
    other.learning_rate = seed.learning_rate;
    other.beta1 = seed.beta1;
    other.beta2 = seed.beta2;
    other.epsilon = seed.epsilon;
    const auto compared = compare::compare<rules::Of<fast::Adam>>(
        seed, other, source->initial_parameters(), next, 20);
    EXPECT_EQ(distance, compared.series.front().rows.back().between.absolute.largest);
    distances.push_back(distance);
  }
  std::sort(distances.begin(), distances.end());
  EXPECT_LT(distances.front(), distances.back());
}

/// How many of the kernel's results an emulation in `emulated` has not, over a hundred steps of
/// Adam.
std::uint64_t other_bits(const Format& emulated) {
  using Rule = rules::Of<fast::Adam>;
  const std::vector<float> initial{1, -0.3f};
  const std::vector<double> gradient{0x1.99999ap-4, -3};
  const std::vector<Real> exact_gradient(gradient.begin(), gradient.end());
  const Rule::Hyperparameters h;
  ExactRun<Rule> exact(h, initial);
  EmulatedCoefficients<Rule> coefficients(drift::Setup::all_in(emulated));
  EmulatedRun<Rule> run(h, drift::Setup::all_in(emulated), 0, initial);
  RadiusRun<Rule, float> kernel(h, 0, initial);
  for (std::uint64_t t = 1; t <= 100; ++t) {
    exact.step(Rule::formula<Real>(h, t), exact_gradient);
    run.step(t, coefficients.next(h, t), gradient, exact_gradient, exact);
    kernel.step(h, t, gradient, exact, run);
  }
  Checks checks;
  for (std::size_t quantity = 0; quantity < quantities<Rule>(h); ++quantity)
    checks += kernel.checks(quantity);
  return checks.other_bits;
}

TEST(Audit, AMissingBitIsSeen) {
  Format narrower = format("float");
  EXPECT_EQ(other_bits(narrower), 0u);
  --narrower.significand_bits;
  EXPECT_GT(other_bits(narrower), 0u);
}

/// So that the check can fail: float is not within what the theorem says of double.
TEST(Audit, AStateWithFewerBitsLeavesTheDriftTheorem) {
  const auto run = audited("adam", {}, 100, "constant");
  const double error = run.readings[0].series[2].drift.back().mean_absolute;
  const auto within = [&](const char* name) {
    return error <= *DriftTheorems(format(name), 2, 100).bound(fast::AdamHyperparameters(), 1, 0);
  };
  EXPECT_TRUE(within("float"));
  EXPECT_FALSE(within("double"));
}

/// Adam divides zero by zero where a gradient has always been zero and epsilon vanished.
TEST(Audit, CountsWhatIsNotANumber) {
  const auto run = audited(
      "adam", {drift::Setup::all_in(format("fp16")), drift::Setup::all_in(format("bfloat16"))});
  EXPECT_GT(run.readings[2].series[0].updates.not_finite, 0u);
  EXPECT_EQ(run.readings[3].series[0].updates.not_finite, 0u);
  EXPECT_NE(findings({&run, 1}).find("infinite or NaN"), std::string::npos);
  const auto wrong = troubles({&run, 1});
  ASSERT_FALSE(wrong.empty());
  EXPECT_TRUE(wrong.front().starts_with("fp16 breaks: ")) << wrong.front();
  EXPECT_TRUE(answer({&run, 1}).starts_with("fp16 breaks: ")) << answer({&run, 1});
}

/// Adam's steps of 0.001 are a quarter of the spacing of bfloat16 below 1.
TEST(Audit, Bfloat16ParametersStopMovingUnlessTheyAreKeptOtherwise) {
  const drift::Setup narrow = with_parameters("bfloat16");
  drift::Setup master = narrow, compensated = narrow, stochastic = narrow;
  master.master_weights = format("float");
  compensated.kahan = true;
  stochastic.rounding = Rounding::stochastic;
  const auto run = audited("adam", {narrow, master, compensated, stochastic}, 300, "constant");
  const auto updates = [&](std::size_t i) { return run.readings[2 + i].series[0].updates; };
  const auto error = [&](std::size_t i) {
    return run.readings[2 + i].series[0].drift.back().mean_absolute;
  };
  EXPECT_EQ(updates(0).lost, updates(0).exact);
  EXPECT_EQ(updates(1).lost, 0u);
  EXPECT_LT(updates(2).lost, updates(2).exact);
  EXPECT_LT(updates(3).lost, updates(3).exact);
  EXPECT_EQ(all_figures(run, 3), all_figures(run, 0));
  EXPECT_LT(error(2), error(3));
  EXPECT_LT(error(3), error(0));
  const auto wrong = troubles({&run, 1});
  ASSERT_FALSE(wrong.empty());
  EXPECT_TRUE(wrong.front().find(
                  " loses updates: all of theta's did not move it, and half of it is off by ") !=
              std::string::npos)
      << wrong.front();
  for (const auto& sentence : wrong)
    EXPECT_EQ(sentence.find("float "), std::string::npos) << sentence;
}

/// Adam's coefficients at what the counter shows after t steps.
double alpha(const std::string& counter, std::uint64_t t) {
  drift::Setup setup = drift::Setup::all_in(format("double"));
  setup.counter = format(counter);
  EmulatedCoefficients<rules::Of<fast::Adam>> coefficients(setup);
  double c_t = 0;
  for (std::uint64_t step = 1; step <= t; ++step) c_t = coefficients.next({}, step)[3].value;
  return c_t;
}

TEST(Audit, ANarrowCounterSticks) {
  EXPECT_EQ(alpha("bfloat16", 256), alpha("double", 256));
  EXPECT_EQ(alpha("bfloat16", 3000), alpha("double", 256));
  EXPECT_EQ(alpha("fp16", 2048), alpha("double", 2048));
  EXPECT_EQ(alpha("fp16", 3000), alpha("double", 2048));
  EXPECT_NE(alpha("float", 3000), alpha("double", 2048));
}

}  // namespace
}  // namespace truestep::drift
