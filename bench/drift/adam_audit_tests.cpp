// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of Adam says.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
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
#include "emulated_run.hpp"
#include "followed.hpp"
#include "group.hpp"
#include "kernel_run.hpp"
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

/// The nearest bfloat16, ties to even, by the bits of a float.
float stored_in_bfloat16(float x) {
  auto bits = std::bit_cast<std::uint32_t>(x);
  bits += 0x7fff + (bits >> 16 & 1);
  return std::bit_cast<float>(bits & 0xffff0000);
}

/// Adam in the processor's own floats, which stores what it keeps as `store` does.
template <class Store>
struct ByProcessor {
  ByProcessor(Store how, float start) : store(how), theta(start) {}

  Store store;
  float theta, m = 0, v = 0;

  void step(std::uint64_t t, float g) {
    constexpr double learning_rate = 0.001, beta1 = 0.9, beta2 = 0.999;
    const auto power = [&](double beta) {
      return 1 - std::pow(static_cast<long double>(beta), static_cast<long double>(t));
    };
    const auto w1 = static_cast<float>(1 - beta1), w2 = static_cast<float>(1 - beta2);
    const auto alpha = static_cast<float>(learning_rate / power(beta1));
    const auto c = static_cast<float>(1 / std::sqrt(power(beta2)));
    const float new_m = std::fma(w1, g, std::fma(-w1, m, m));
    const float new_v = std::fma(w2 * g, g, std::fma(-w2, v, v));
    const float update = alpha * new_m / std::fma(c, std::sqrt(new_v), 1e-8f);
    theta = store(theta - update);
    m = store(new_m);
    v = store(new_v);
  }
};

template <class Store>
void expect_same_bits(const drift::Setup& setup, Store store) {
  Followed<rules::Of<fast::Adam>> emulated({}, setup, {0x1p-7});
  ByProcessor<Store> computed{store, 0x1p-7f};
  bool moved = false;
  for (std::uint64_t t = 1; t <= 500; ++t) {
    const float g = store((t % 7 < 3 ? -0.37f : 0.81f) / static_cast<float>(1 + t % 11));
    emulated.step(t, g);
    computed.step(t, g);
    ASSERT_EQ(emulated.emulated.at(0, 0), computed.theta) << setup.name() << " " << t;
    ASSERT_EQ(emulated.emulated.at(1, 0), computed.m) << setup.name() << " " << t;
    ASSERT_EQ(emulated.emulated.at(2, 0), computed.v) << setup.name() << " " << t;
    moved |= computed.theta != 0x1p-7f;
  }
  EXPECT_TRUE(moved);
}

TEST(Setups, AreWhatTheProcessorComputes) {
  expect_same_bits(typed_setup("float"), [](float x) { return x; });
  expect_same_bits(typed_setup("pytorch_bf16"), stored_in_bfloat16);
  expect_same_bits(typed_setup("bfloat16"), stored_in_bfloat16);
}

/// Adam under a gradient of 0.1 for 400 steps, from 1: exactly 0.60000003998..., by decimals of 50
/// digits. bfloat16 does not move at all, which is 0.66666655555557568... of that; float weights
/// behind a bfloat16 copy are off by 8.5e-6 of it.
TEST(Setups, WithMasterWeightsAreAsGoodAsThese) {
  const RecordedFile grads("grads.npy", 1, std::vector<double>(400, double{0.1f})),
      params("params.npy", 1, {1});
  const auto run =
      audit({.rule = "adam",
             .steps = 400,
             .setups = {typed_setup("bfloat16,master=float"), typed_setup("bf16_master"),
                        typed_setup("pytorch_bf16"), typed_setup("all_bf16")},
             .convention = "pytorch",
             .gradients = grads.path(),
             .parameters = params.path()},
            go_on);
  const auto error = [&](std::size_t i) {
    return run.readings[i].series[0].drift.back().relative.largest;
  };
  ByProcessor kept{[](float x) { return x; }, 1.0f};
  for (std::uint64_t t = 1; t <= 400; ++t) kept.step(t, stored_in_bfloat16(0.1f));
  const double of_master = std::fabs(kept.theta / 0.60000003999999454613 - 1);
  for (const std::size_t master : {2u, 3u}) {
    EXPECT_EQ(std::round(error(master) * 0x1p40), std::round(of_master * 0x1p40));
    EXPECT_EQ(run.readings[master].series[0].updates.lost, 0u);
  }
  for (const std::size_t narrow : {4u, 5u}) {
    EXPECT_EQ(std::round(error(narrow) * 0x1p50), std::round(0.66666655555557568 * 0x1p50));
    EXPECT_EQ(run.readings[narrow].series[0].updates.lost, 400u);
  }
  const auto judgements = judged({&run, 1}, {});
  EXPECT_EQ(judgements.of_setups[3].verdict, Verdict::safe);
  EXPECT_EQ(judgements.of_setups[4].verdict, Verdict::loses_updates);
  EXPECT_TRUE(judgements.recommendation().starts_with("Recommended: "));
}

/// The first infinity or NaN of a set-up of Adam under these gradients, from 1.
std::optional<NotFinite> first_not_finite(const char* setup, std::vector<double> gradients) {
  const RecordedFile grads("grads.npy", 2, gradients), params("params.npy", 2, {1, 1});
  const auto run = audit({.rule = "adam",
                          .steps = gradients.size() / 2,
                          .setups = {typed_setup(setup)},
                          .gradients = grads.path(),
                          .parameters = params.path()},
                         go_on);
  return run.readings[2].not_finite;
}

/// 1e-8 is less than half of fp16's least number, 2^-24; 0.001 x 10000^2 is more than its largest,
/// and so is 0.001 x 9984^2, 9984 being the bfloat16 nearest to 10000.
TEST(Setups, TellWhatMadeTheFirstNotANumber) {
  const auto zero = first_not_finite("all_fp16", {0.5, 0.5, 0.5, 0.5, 0.5, 0});
  EXPECT_FALSE(zero);
  const auto still = first_not_finite("all_fp16", {0.5, 0, 0.5, 0});
  ASSERT_TRUE(still.has_value());
  EXPECT_EQ(still->first.step, 1u);
  EXPECT_EQ(still->first.coordinate, 1u);
  EXPECT_EQ(still->gradient, 0);
  EXPECT_EQ(still->why, "update: quotient is 0 / 0, since epsilon = 1e-08 is 0 in fp16");
  const auto small = first_not_finite("all_fp16", {0.5, 1e-5});
  ASSERT_TRUE(small.has_value());
  EXPECT_EQ(
      small->why,
      "update: quotient is 0 / 0, since v: product = 1e-08 rounds to 0 in fp16, and epsilon = "
      "1e-08 is 0 in fp16");
  const auto large = first_not_finite("all_fp16", {0.5, 0.5, 0.5, 10000});
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->first.step, 2u);
  EXPECT_EQ(large->why, "v: fma, exactly 1e+05, is beyond the largest number of fp16, 65504");
  // The same in float, and float that is only stored in fp16, has another cause or none.
  EXPECT_FALSE(first_not_finite("float,gradients=fp16", {0.5, 0, 0.5, 10000}));
  const auto stored = first_not_finite("pytorch_bf16,states=fp16", {0.5, 0, 0.5, 10000});
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->why, "v = 99680 is beyond the largest number of fp16, 65504");
  const auto read = first_not_finite("gradients=fp16", {0.5, 0, 1e6, 1});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->why, "the gradient = 1e+06 is beyond the largest number of fp16, 65504");
  EXPECT_EQ(read->first.coordinate, 0u);
}

/// All e4m3 numbers from 0 on, by their codes: seven bits, of which three are the significand's.
std::vector<float> e4m3_numbers() {
  std::vector<float> all;
  for (int code = 0; code < 127; ++code) {
    const int exponent = code >> 3, rest = code & 7;
    all.push_back(exponent == 0 ? std::ldexp(static_cast<float>(rest), -9)
                                : std::ldexp(static_cast<float>(8 + rest), exponent - 10));
  }
  return all;
}

/// The nearest multiple of the scale, of two that are as near that of the even code.
float stored_in_e4m3(float x, float scale) {
  static const auto numbers = e4m3_numbers();
  const float size = std::fabs(x / scale);
  std::size_t best = 0;
  for (std::size_t code = 1; code < numbers.size(); ++code) {
    const float off = std::fabs(numbers[code] - size), best_off = std::fabs(numbers[best] - size);
    if (off < best_off || (off == best_off && code % 2 == 0)) best = code;
  }
  return std::copysign(numbers[best], x) * scale;
}

/// A state of neighbouring columns as torchao keeps it.
template <class Columns>
void store_in_blocks(Columns& columns, float Columns::value_type::*state, std::size_t block) {
  for (std::size_t begin = 0; begin < columns.size(); begin += block) {
    const std::size_t end = std::min(begin + block, columns.size());
    float largest = 1e-12f;
    for (std::size_t i = begin; i < end; ++i)
      largest = std::max(largest, std::fabs(columns[i].*state));
    for (std::size_t i = begin; i < end; ++i)
      columns[i].*state = stored_in_e4m3(columns[i].*state, largest / 448);
  }
}

constexpr std::size_t scaled_columns = 600, scaled_steps = 12;

/// Gradients have many sizes, so that the least ones of a block are stored as 0.
std::vector<double> scaled_gradients() {
  std::vector<double> all;
  for (std::size_t step = 0; step < scaled_steps; ++step)
    for (std::size_t i = 0; i < scaled_columns; ++i)
      all.push_back(std::ldexp(static_cast<double>((37 * i + 11 * step) % 101) - 50,
                               -static_cast<int>(i % 23)));
  return all;
}

/// How many of theta, m and v differ from what the processor makes, where these columns are run.
std::size_t unlike_the_processor(const drift::Setup& setup, std::size_t begin) {
  using Rule = rules::Of<fast::Adam>;
  const RecordedFile grads("grads.npy", scaled_columns, scaled_gradients());
  const Rule::Hyperparameters h;
  const Request request{.rule = "adam", .steps = scaled_steps, .gradients = grads.path()};
  const std::vector<OtherConvention<Rule>> others;
  const std::vector<drift::Setup> setups{drift::Setup::all_in(format("float")),
                                         drift::Setup::all_in(format("double")), setup};
  Recorded workload(grads.path(), "");
  const std::vector<double> initial(scaled_columns, 0.5);
  GroupOf<Rule> group(h, request, others, setups, workload, Beginning(initial),
                      Columns{begin, scaled_columns}, true, [](std::size_t) { return Extent(); });
  const auto store = [](float x) { return x; };
  std::vector<ByProcessor<decltype(store)>> computed(scaled_columns, {store, 0.5f});
  std::size_t unlike = 0;
  for (std::uint64_t t = 1; t <= scaled_steps; ++t) {
    group.take_steps(t, t);
    for (std::size_t i = 0; i < scaled_columns; ++i)
      computed[i].step(t, static_cast<float>(workload.gradient(t - 1, i)));
    store_in_blocks(computed, &ByProcessor<decltype(store)>::m, 256);
    store_in_blocks(computed, &ByProcessor<decltype(store)>::v, 256);
    for (const auto& block : group.blocks())
      for (std::size_t i = 0; i < block.count(); ++i) {
        const auto& expected = computed[block.first() + i];
        const auto& run = *block.emulated(2);
        unlike += run.at(0, i) != expected.theta;
        unlike += run.at(1, i) != expected.m;
        unlike += run.at(2, i) != expected.v;
      }
  }
  return unlike;
}

/// Three blocks, the last of them short; and the last two of them alone.
TEST(Setups, ScaleFp8StatesAsTorchaoDoes) {
  EXPECT_EQ(unlike_the_processor(typed_setup("fp8_states"), 0), 0u);
  EXPECT_EQ(unlike_the_processor(typed_setup("fp8_states"), 256), 0u);
  // Other blocks, other rounding and no scale are seen.
  for (const char* other : {"fp8_states,state_block=64", "fp8_states,state_rounding=zero",
                            "fp8_states,state_block=0", "float"})
    EXPECT_GT(unlike_the_processor(typed_setup(other), 0), 1000u) << other;
}

/// A gradient of 2^-10 beside 255 of 1: v is 2^-20 of what its scale makes 448, less than half of
/// the least number of fp8, 2^-9, and m is not. When the gradient has become 0 m is divided by
/// epsilon, which the median does not show.
TEST(Setups, OfFp8ThrowOffTheCoordinateWhoseVIsLost) {
  std::vector<double> gradients(20 * 256, 1.0);
  for (std::size_t row = 0; row < 20; ++row) gradients[row * 256 + 131] = row < 10 ? 0x1p-10 : 0;
  const RecordedFile grads("grads.npy", 256, gradients);
  const auto run = audit({.rule = "adam",
                          .steps = 20,
                          .setups = {typed_setup("fp8_states"), typed_setup("pytorch_bf16"),
                                     typed_setup("fp8_states,states=float,state_block=0")},
                          .gradients = grads.path()},
                         go_on);
  EXPECT_LT(run.readings[2].series[0].drift.back().relative.median, Criteria().drift);
  const Farthest& far = run.readings[2].farthest;
  EXPECT_EQ(far.coordinate, 131u);
  // The 11th step takes it 0.001 (0.9 - 0.9^11) 2^-10 / (1 - 0.9^11) / 1e-8 = 83, but for the four
  // bits of m; exactly a step takes it 0.001 at most, as m is at most the root of v.
  EXPECT_GT(far.distance, 50);
  EXPECT_GT(far.of_reach, 50 / 0.02);
  const auto of = judged({&run, 1}, {}).of_setups;
  EXPECT_EQ(of[2].verdict, Verdict::strays) << of[2].sentence;
  for (const std::size_t sound : {0u, 1u, 4u})
    EXPECT_EQ(of[sound].verdict, Verdict::safe) << of[sound].sentence;
  EXPECT_LT(of[3].verdict, Verdict::strays) << of[3].sentence;
}

TEST(Setups, ScaleStatesByWholeBlocks) {
  const RecordedFile grads("grads.npy", scaled_columns, scaled_gradients());
  const auto of = [&](std::size_t begin, std::size_t end) {
    Request request{.rule = "adam",
                    .steps = 2,
                    .setups = {typed_setup("fp8_states")},
                    .gradients = grads.path()};
    request.columns = {begin, end};
    return audit(request, go_on);
  };
  EXPECT_EQ(of(256, scaled_columns).parameters, scaled_columns - 256);
  EXPECT_THROW(of(100, scaled_columns), std::invalid_argument);
  EXPECT_THROW(of(0, 300), std::invalid_argument);
}

/// The square of 1e30 is beyond float, and the scale of its 256 columns with it.
TEST(Setups, TellThatAScaleIsShared) {
  std::vector<double> gradients(256, 0.5);
  gradients[5] = 1e30;
  const RecordedFile grads("grads.npy", 256, gradients);
  const auto run = audit({.rule = "adam",
                          .steps = 1,
                          .setups = {typed_setup("fp8_states")},
                          .gradients = grads.path()},
                         go_on);
  const auto& found = run.readings[2].not_finite;
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->first.coordinate, 0u);
  EXPECT_EQ(found->why, "v = 0.00025 shares its scale with a number that is infinite or NaN");
  EXPECT_EQ(run.readings[2].series[2].updates.not_finite, 256u);
  EXPECT_EQ(run.readings[0].series[2].updates.not_finite, 1u);
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
