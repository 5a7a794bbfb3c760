// SPDX-License-Identifier: Apache-2.0
// What the audit of a run says: the emulation is the kernel bit for bit, and what is known of
// narrow set-ups comes out.

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <truestep/fast/conventions.hpp>

#include "audit.hpp"
#include "compare/compare.hpp"
#include "emulated_run.hpp"
#include "figures.hpp"
#include "kernel_run.hpp"
#include "report.hpp"
#include "theorems.hpp"

namespace truestep::drift {
namespace {

Format format(const std::string& name) { return named_format("format", name); }

bool go_on(std::uint64_t) { return true; }

Run audited(const std::string& rule, std::vector<Setup> setups, std::uint64_t steps = 30,
            const std::string& workload = "sparse") {
  return audit({.rule = rule, .workload = workload, .steps = steps, .setups = std::move(setups)},
               go_on);
}

/// The figures of all series of one reading, but for those that only a kernel has.
std::vector<double> all_figures(const Run& run, std::size_t reading) {
  std::vector<double> all;
  for (const Series& series : run.readings[reading].series)
    for (const Drift& drift : series.drift)
      for (const Figure& figure : figures) {
        const std::string name = figure.name;
        if (name.find("radius") == name.npos && name.find("theorem") == name.npos)
          all.push_back(figure.of(drift));
      }
  return all;
}

TEST(Audit, FloatAndDoubleAreTheKernelsWithinTheirRadius) {
  for (const auto& rule : settings::rule_names())
    for (const char* workload : {"softmax", "rosenbrock", "quadratic", "constant", "sparse"}) {
      const auto run = audited(rule, {}, 20, workload);
      EXPECT_TRUE(run.checks().passed()) << rule << " on " << workload;
      EXPECT_EQ(run.checks().compared,
                2 * run.readings[0].series.size() * run.parameters * run.steps);
    }
}

/// Each with and without weight decay, from the states that it starts with.
TEST(Audit, EveryConventionIsItsKernelWithinItsRadius) {
  const auto expect_sound = []<class Rule>(Rule) {
    for (const auto& convention : fast::conventions_of<typename Rule::Hyperparameters>)
      for (const settings::Given& given :
           {settings::Given{}, settings::Given{{"weight_decay", 0.01}}}) {
        const bool decays =
            convention.hyperparameters.weight_decay_place != fast::WeightDecay::none;
        if (!given.empty() && !decays) continue;
        const auto run = audit({.rule = Rule::name,
                                .workload = "sparse",
                                .steps = 10,
                                .setups = {drift::Setup::all_in(format("bfloat16"))},
                                .convention = std::string(convention.name),
                                .given = given},
                               go_on);
        EXPECT_TRUE(run.checks().passed()) << Rule::name << " " << convention.name;
        EXPECT_GT(run.checks().compared, 0u);
      }
  };
  std::apply([&](auto... rule) { (expect_sound(rule), ...); }, rules::All());
}

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
  EXPECT_TRUE(mixed("seed", "seed").passed());
  EXPECT_GT(mixed("mlx", "seed").other_bits, 0u);
  EXPECT_GT(mixed("seed", "mlx").exceeded, 0u);
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
  for (std::size_t quantity = 0; quantity < quantities<Rule>; ++quantity)
    checks += kernel.checks(quantity);
  return checks.other_bits;
}

TEST(Audit, AMissingBitIsSeen) {
  Format narrower = format("float");
  EXPECT_EQ(other_bits(narrower), 0u);
  --narrower.significand_bits;
  EXPECT_GT(other_bits(narrower), 0u);
}

TEST(Audit, ASeedGivesTheSameRunAgain) {
  const auto with_seed = [](std::uint64_t seed) {
    drift::Setup setup = drift::Setup::all_in(format("bfloat16"));
    setup.rounding = Rounding::stochastic;
    setup.seed = seed;
    return all_figures(audited("adam", {setup}), 2);
  };
  EXPECT_EQ(with_seed(1), with_seed(1));
  EXPECT_NE(with_seed(1), with_seed(2));
}

/// A reading that is described twice is the same twice.
TEST(Audit, ASetupOfFloatIsFloat) {
  const auto run = audited("adadelta", {drift::Setup::all_in(format("24:-126:127"))});
  EXPECT_EQ(all_figures(run, 2), all_figures(run, 0));
}

TEST(Audit, CountsLostUpdates) {
  const auto run = audited("momentum", {drift::Setup::all_in(format("bfloat16"))}, 30, "softmax");
  const Updates& narrow = run.readings[2].series[0].updates;
  const Updates& wide = run.readings[1].series[0].updates;
  EXPECT_EQ(narrow.values, run.parameters * run.steps);
  EXPECT_EQ(narrow.exact, wide.exact);
  EXPECT_GT(narrow.lost, narrow.exact / 20);
  EXPECT_LE(narrow.lost, narrow.exact);
  EXPECT_EQ(wide.lost, 0u);
}

TEST(Audit, StatesStayWithinTheirDriftTheorems) {
  for (const auto& rule : settings::rule_names()) {
    const auto run = audited(rule, {Setup::all_in(format("fp16"))}, 100, "constant");
    for (std::size_t reading = 0; reading < 3; ++reading)
      for (const Series& series : run.readings[reading].series) {
        const Drift& last = series.drift.back();
        const bool stated = reading < 2 && series.quantity != "theta" && series.quantity != "u";
        EXPECT_EQ(!std::isnan(last.of_theorem), stated) << rule << " " << series.quantity;
        if (!stated) continue;
        EXPECT_GE(last.theorem, last.mean_absolute);
        EXPECT_LE(last.of_theorem, 1);
      }
  }
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
}

/// Squares of small gradients are below the least number of e4m3, 2^-9.
TEST(Audit, CountsWhatLeavesASmallRange) {
  const auto run = audited(
      "adagrad",
      {drift::Setup::all_in(format("fp8-e4m3")), drift::Setup::all_in(format("bfloat16"))}, 100);
  EXPECT_GT(run.readings[2].out_of_range.underflows, 100u);
  EXPECT_GT(run.readings[2].out_of_range.subnormals, 100u);
  EXPECT_EQ(run.readings[3].out_of_range.overflows, 0u);
}

Setup with_parameters(const std::string& name) {
  drift::Setup setup = drift::Setup::all_in(format("float"));
  setup.parameters = format(name);
  return setup;
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

TEST(Audit, AClosedLoopDiffersWhereGradientsDependOnParameters) {
  const auto run = [](const std::string& workload, bool closed) {
    return audit({.rule = "nag",
                  .workload = workload,
                  .steps = 30,
                  .closed_loop = closed,
                  .setups = {drift::Setup::all_in(format("fp16"))}},
                 go_on);
  };
  EXPECT_NE(all_figures(run("rosenbrock", true), 2), all_figures(run("rosenbrock", false), 2));
  EXPECT_EQ(all_figures(run("constant", true), 2), all_figures(run("constant", false), 2));
  EXPECT_FALSE(run("softmax", true).readings[0].has_radius);
}

/// The exact run's own gradient is that of double's to double's precision: were it another, float
/// and double would be equally far from it.
TEST(Audit, AClosedLoopHasOneModelInEveryPrecision) {
  for (const char* workload : {"softmax", "network", "rosenbrock", "quadratic"}) {
    const auto run =
        audit({.rule = "adam", .workload = workload, .steps = 10, .closed_loop = true}, go_on);
    const auto error = [&](std::size_t reading) {
      return run.readings[reading].series[0].drift.back().mean_absolute;
    };
    EXPECT_GT(error(0), 1'000'000 * error(1)) << workload;
    EXPECT_GT(error(1), 0) << workload;
  }
}

TEST(Audit, IsValidWhereItWasInterrupted) {
  const auto run = audit({.rule = "adam", .workload = "constant"},
                         [](std::uint64_t done) { return done < 300; });
  EXPECT_TRUE(run.interrupted);
  EXPECT_LT(run.steps, 1000u);
  EXPECT_EQ(run.readings[0].series[0].drift.back().step, run.steps);
  const auto whole = audited("adam", {}, run.steps, "constant");
  EXPECT_EQ(all_figures(run, 0).back(), all_figures(whole, 0).back());
  EXPECT_FALSE(whole.interrupted);
}

TEST(Audit, DescribesAFormat) {
  const Format fp16 = format("11:-14:15");
  EXPECT_EQ(fp16.largest(), format("fp16").largest());
  EXPECT_FALSE(format("8:-126:127:flush").subnormals);
  for (const char* wrong : {"", "fp17", "1:-14:15", "54:-14:15", "11:1:15", "11:-14:0", "11:-14",
                            "11:-14:15:", "11:-14:15:flash", "11:-1023:15", " 11:-14:15"})
    EXPECT_THROW(format(wrong), std::invalid_argument) << wrong;
}

TEST(Audit, NamesASetupByWhatDiffers) {
  drift::Setup setup = with_parameters("bfloat16");
  EXPECT_EQ(drift::Setup::all_in(format("fp16")).name(), "fp16");
  setup.master_weights = format("float");
  setup.counter = format("fp16");
  setup.kahan = true;
  setup.rounding = Rounding::stochastic;
  EXPECT_EQ(
      setup.name(),
      "float/parameters=bfloat16/counter=fp16/master-weights=float/kahan/rounding=stochastic");
}

}  // namespace
}  // namespace truestep::drift
