// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of Adam says.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <truestep/fast/conventions.hpp>

#include "adam.hpp"
#include "audited.hpp"
#include "compare/compare.hpp"
#include "runs/workload.hpp"
#include "drift/compiled_runs.hpp"
#include "recorded_file.hpp"
#include "report.hpp"
#include "setups.hpp"

namespace truestep::drift {
namespace {

/// A step of Adam by kernel and formula, each by a convention of its own, while the emulation
/// follows the seed.
Checks mixed(const char* of_kernel, const char* of_formula) {
  using Rule = rules::Of<fast::Adam>;
  const auto described = fast::convention<Rule::Hyperparameters>;
  const Rule::Hyperparameters h, by_kernel = described(of_kernel),
                                 by_formula = described(of_formula);
  const std::vector<double> initial{1};
  const std::vector<double> gradient{0.5};
  const std::vector<Real> exact_gradient{0.5};
  ExactRun<Rule> exact(by_formula, 0, initial);
  EmulatedCoefficients<Rule> coefficients(drift::Setup::all_in(format("float")));
  EmulatedRun<Rule> run(h, drift::Setup::all_in(format("float")), 0, initial);
  KernelRun<Rule, float> kernel(by_kernel, initial);
  RadiusRun<Rule, float> radius(by_kernel, 0, initial);
  exact.step(Rule::formula<Real>(by_formula, 1), exact_gradient);
  run.step(1, coefficients.next(h, 1), gradient, exact_gradient, exact);
  kernel.step(by_kernel, 1, gradient);
  radius.step(by_kernel, 1, gradient, kernel, run, exact);
  return radius.checks(0);
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
  for (const auto& [conventions, distance, on_the_way] : run.others) {
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
  const std::vector<double> initial{1, double{-0.3f}};
  const std::vector<double> gradient{0x1.99999ap-4, -3};
  const std::vector<Real> exact_gradient(gradient.begin(), gradient.end());
  const Rule::Hyperparameters h;
  ExactRun<Rule> exact(h, 0, initial);
  EmulatedCoefficients<Rule> coefficients(drift::Setup::all_in(emulated));
  EmulatedRun<Rule> run(h, drift::Setup::all_in(emulated), 0, initial);
  KernelRun<Rule, float> kernel(h, initial);
  RadiusRun<Rule, float> radius(h, 0, initial);
  for (std::uint64_t t = 1; t <= 100; ++t) {
    exact.step(Rule::formula<Real>(h, t), exact_gradient);
    run.step(t, coefficients.next(h, t), gradient, exact_gradient, exact);
    kernel.step(h, t, gradient);
    radius.step(h, t, gradient, kernel, run, exact);
  }
  Checks checks;
  for (std::size_t quantity = 0; quantity < quantities<Rule>(h); ++quantity)
    checks += radius.checks(quantity);
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

/// AMSGrad's largest second moment drifts as the second moment does, not as the first.
TEST(Audit, TheLargestSecondMomentHasItsOwnTheorem) {
  const DriftTheorems theorems(format("float"), 2, 100);
  const fast::AdamHyperparameters h;
  EXPECT_EQ(*theorems.bound(h, 2, 0), *theorems.bound(h, 1, 0));
  EXPECT_NE(*theorems.bound(h, 2, 0), *theorems.bound(h, 0, 0));
}

/// The theorem of a run at default hyperparameters, as the page states it for G = 2^20, is no
/// sharper than the one that it is taken from.
TEST(Audit, ThetaHasTheBoundOfTheTheoremOfARun) {
  const fast::AdamHyperparameters h;
  fast::AdamHyperparameters largest = h, ahead = h, decays = h, decays_too_much = h, raw = h;
  raw.epsilon_frame = fast::EpsilonFrame::before_correction;
  largest.amsgrad = true;
  decays.weight_decay_place = decays_too_much.weight_decay_place = fast::WeightDecay::decoupled;
  decays.weight_decay = 0.01;
  decays_too_much.weight_decay = 1001;
  ahead.moment_ahead = fast::MomentAhead::own_corrections;
  for (const char* name : {"float", "double"})
    for (const std::uint64_t t : {1u, 1000u, 100'000u}) {
      const RunTheorems theorems(format(name), 0x1p20, 0.5, t);
      const auto bound = theorems.bound(h);
      ASSERT_TRUE(bound);
      const Real t_real = t;
      EXPECT_GT(*bound, theorems.u() * t / 2);
      EXPECT_LE(*bound, t_real * (theorems.u() * (Real(101) / 200 +
                                                  Real(h.learning_rate) * (31 * t_real + 67)) +
                                  pow(Real(2), -100)));
      EXPECT_EQ(*theorems.bound(largest), *bound);
      EXPECT_EQ(theorems.bound(raw), bound);
      EXPECT_GT(theorems.bound(decays).value(), *bound);
      EXPECT_FALSE(theorems.bound(decays_too_much));
      EXPECT_FALSE(theorems.bound(ahead));
    }
  EXPECT_FALSE(RunTheorems(format("float"), 1, 1, 10'000'000).bound(h));  // v may have lost all
}

/// Epsilon before the correction is largest at the first step, where it has to stay in range.
TEST(Audit, EpsilonBeforeTheCorrectionCountsForWhatOverflows) {
  fast::AdamHyperparameters h{.epsilon = 8192}, kept = h, decays = h;
  kept.amsgrad = true;
  decays.weight_decay_place = fast::WeightDecay::decoupled;
  decays.weight_decay = 10;
  const RunTheorems theorems(format("fp16"), 1, 1, 1);
  for (auto* form : {&h, &kept, &decays}) {
    EXPECT_TRUE(theorems.bound(*form));
    form->epsilon_frame = fast::EpsilonFrame::before_correction;
    EXPECT_FALSE(theorems.bound(*form));
    form->epsilon = 256;
    EXPECT_TRUE(theorems.bound(*form));
  }
}

/// Adam divides zero by zero where a gradient has always been zero and epsilon vanished.
TEST(Audit, CountsWhatIsNotANumber) {
  const auto run = audited(
      "adam", {drift::Setup::all_in(format("fp16")), drift::Setup::all_in(format("bfloat16"))});
  EXPECT_GT(run.readings[2].series[0].updates.not_finite, 0u);
  EXPECT_EQ(run.readings[3].series[0].updates.not_finite, 0u);
  EXPECT_NE(findings({&run, 1}).find("infinite or NaN"), std::string::npos);
  const auto judgements = judged({&run, 1}, {});
  EXPECT_EQ(judgements.of_setups[0].verdict, Verdict::safe);
  EXPECT_EQ(judgements.of_setups[2].verdict, Verdict::breaks);
  EXPECT_TRUE(judgements.sentences().front().starts_with("fp16 breaks: "))
      << judgements.sentences().front();
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
  const auto judgements = judged({&run, 1}, {});
  const auto sentences = judgements.sentences();
  ASSERT_EQ(sentences.size(), 4u);
  EXPECT_NE(sentences.front().find(
                " loses updates: all of theta's did not move it, and half of it is off by "),
            std::string::npos)
      << sentences.front();
  EXPECT_EQ(judgements.of_setups[3].verdict, Verdict::safe);
  EXPECT_EQ(judgements.worst(), Verdict::loses_updates);
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

/// The same beyond the numbers that a run would take years to reach.
TEST(Audit, AFloatCounterSticksAtTwoToThe24) {
  constexpr std::uint64_t last = std::uint64_t{1} << 24;
  const auto run = audit({.rule = "adam",
                          .workload = "constant",
                          .steps = 4,
                          .first_step = last - 1,
                          .setups = {typed_setup("counter=float"), typed_setup("double")}},
                         go_on);
  EXPECT_TRUE(run.checks().passed());
  for (const std::size_t reading : {0u, 2u}) {
    ASSERT_TRUE(run.readings[reading].stuck.has_value());
    EXPECT_EQ(run.readings[reading].stuck->step, last + 1);
    EXPECT_EQ(run.readings[reading].stuck->at, static_cast<double>(last));
  }
  EXPECT_FALSE(run.readings[1].stuck);
  EXPECT_EQ(run.readings[0].series[0].updates.first_lost, std::nullopt);
}

/// Beside a column that is NaN the other's drift is attributed, and what is left out is said.
TEST(Attribution, LeavesOutWhatIsNotFiniteAndSaysSo) {
  const RecordedFile grads("grads.npy", 2, {0, 0.25, 0, 0.25});
  const auto run = audit(
      {.rule = "adam", .steps = 2, .setups = {typed_setup("all_fp16")}, .gradients = grads.path()},
      go_on);
  const Attribution& of_theta = run.readings[2].series[0].attribution;
  EXPECT_EQ(of_theta.left_out, 1u);
  EXPECT_TRUE(of_theta.drift > 0 && std::isfinite(of_theta.drift));
  EXPECT_FALSE(of_theta.shares.empty());
  EXPECT_EQ(run.readings[0].series[0].attribution.left_out, 0u);
  EXPECT_NE(table(run).find("; 1 coordinate with an infinity or NaN left out"), std::string::npos);
}

/// Under 1 and then 0 v shrinks in every step after the first, and its largest value stays.
TEST(Audit, TakesAmsgrad) {
  const RecordedFile grads("grads.npy", 1, {1, 0, 0, 0});
  const auto run = audit({.rule = "adam",
                          .steps = 4,
                          .setups = {typed_setup("pytorch_bf16")},
                          .convention = "pytorch",
                          .given = {{"amsgrad", true}},
                          .gradients = grads.path()},
                         go_on);
  EXPECT_TRUE(run.checks().passed());
  for (const Reading& reading : run.readings) {
    ASSERT_EQ(reading.series.size(), 4u);
    EXPECT_EQ(reading.series[2].updates.exact, 4u);
    EXPECT_EQ(reading.series[3].updates.exact, 1u);
  }
}

/// epsilon = 1e-8 is 0.17 times the least number of fp16, 2^-24, and so 0: a gradient of 0 gives
/// 0 / 0 at each of ten steps, and another one does not.
TEST(Audit, AnEpsilonThatFp16LosesMakesAZeroGradientNaNInAdam) {
  EXPECT_EQ(not_finite_in_fp16("adam", "optax"), 10u);
}

}  // namespace
}  // namespace truestep::drift
