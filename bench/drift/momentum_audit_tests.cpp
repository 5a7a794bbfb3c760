// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of Momentum says.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "audited.hpp"
#include "drift/compiled_runs.hpp"
#include "followed.hpp"
#include "momentum.hpp"
#include "recorded_file.hpp"

namespace truestep::drift {
namespace {

/// Momentum with powers of two for weights, gradients of few bits: the exact run and all shares are
/// then doubles, and nothing may be left over. Every role rounds.
TEST(Attribution, LeavesNothingOverWhereDoublesAreExact) {
  drift::Setup setup = drift::Setup::all_in(format("8:-126:127"));
  setup.parameters = format("5:-126:127");
  setup.states = format("6:-126:127");
  setup.gradients = format("3:-126:127");
  for (const bool kahan : {false, true}) {
    setup.kahan = kahan;
    Followed<rules::Of<fast::Momentum>> run({.learning_rate = 0.25, .momentum = 0.5}, setup,
                                            {1.09375f});
    for (std::uint64_t t = 1; t <= 20; ++t) run.step(t, t % 3 == 0 ? 0.34375 : -1.40625);
    for (const std::size_t quantity : {0u, 1u}) {
      const auto attribution = run.attribution(quantity);
      EXPECT_NE(attribution.drift, 0);
      EXPECT_GT(attribution.shares.size(), 1u);
      EXPECT_EQ(attribution.residual, 0);
    }
  }
}

/// Planted: a theorem about smaller gradients than there were, which an error has to leave.
TEST(Audit, CountsWhatATheoremExcludes) {
  using Rule = rules::Of<fast::Momentum>;
  const fast::MomentumHyperparameters h;
  const std::vector<double> initial(3, 1.0), gradient{0.75, -0.7, 0.3};
  const std::vector<drift::Setup> setups{drift::Setup::all_in(format("float")),
                                         drift::Setup::all_in(format("double"))};
  Block<Rule> block(h, {}, std::nullopt, {}, 0, initial, setups,
                    {.radius = false, .attribution = false, .others = false});
  constexpr std::uint64_t steps = 10;
  for (std::uint64_t t = 1; t <= steps; ++t) {
    const Step<Rule> step{.t = t,
                          .formula = {},
                          .in_digits = Rule::formula<Real>(h, t),
                          .coefficients = {},
                          .exact_gradient = {gradient.begin(), gradient.end()},
                          .gradients = {gradient}};
    block.begin(h, step);
    block.finish(h, step);
  }
  const auto beyond = [&](const Real& largest_gradient) {
    Tally tally;
    block.sample_theorem(h, DriftTheorems(format("float"), largest_gradient, steps), 0, 1, tally);
    EXPECT_EQ(tally.of_theorem.value() > 1, tally.beyond_theorem > 0);
    return tally.beyond_theorem;
  };
  EXPECT_EQ(beyond(0.75), 0u);
  EXPECT_EQ(beyond(0.75 * 0x1p-40), 3u);
  const auto theta_beyond = [&](double smaller) {
    Tally tally;
    const RunTheorems theorems(format("float"), 0.75 * smaller, smaller, steps);
    block.sample_run_theorem(*theorems.bound(h), 0, tally);
    EXPECT_EQ(tally.of_theorem.value() > 1, tally.beyond_theorem > 0);
    return tally.beyond_theorem;
  };
  EXPECT_EQ(theta_beyond(1), 0u);
  EXPECT_EQ(theta_beyond(0x1p-40), 3u);
}

/// Where a condition of the theorem does not hold, or the form is another, nothing is claimed.
TEST(Audit, ClaimsNothingOfARunThatNoTheoremIsAbout) {
  const fast::MomentumHyperparameters h;
  const RunTheorems theorems(format("float"), 2, 1, 1000);
  const double drift = static_cast<double>(theorems.bound(h).value());
  EXPECT_GT(drift, 0);
  EXPECT_LT(drift, 0.1);
  fast::MomentumHyperparameters other = h;
  other.weight_decay_place = fast::WeightDecay::decoupled;
  EXPECT_TRUE(theorems.bound(other));  // of 0
  other.weight_decay = 1e-4;
  EXPECT_FALSE(theorems.bound(other));
  other = h;
  other.step_sign = fast::StepSign::step_negated;
  EXPECT_FALSE(theorems.bound(other));
  other = h;
  other.momentum = 1 - 0x1p-24;  // times the growth of a rounding that is above 1
  EXPECT_FALSE(theorems.bound(other));
  other = h;
  other.learning_rate = 0x1p-130;  // subnormal
  EXPECT_FALSE(theorems.bound(other));
  EXPECT_TRUE(RunTheorems(format("double"), 2, 1, 1000).bound(other));
  EXPECT_TRUE(RunTheorems(format("float"), 0x1p120, 1, 1000).bound(h));
  EXPECT_FALSE(RunTheorems(format("float"), 0x1p124, 1, 1000).bound(h));  // may overflow
}

/// A bound that speaks of the wrong gain, rate or decay would be the same where it must differ.
TEST(Audit, BoundsARunThatBeginsWithTheGradientOrDecays) {
  const RunTheorems theorems(format("float"), 2, 1, 1000);
  const auto bound = [&](const fast::MomentumHyperparameters& h) {
    return static_cast<double>(theorems.bound(h).value());
  };
  for (const auto site : {fast::LearningRateSite::buffer, fast::LearningRateSite::step}) {
    fast::MomentumHyperparameters h, begun;
    h.learning_rate_site = begun.learning_rate_site = site;
    begun.first_buffer = fast::FirstBuffer::gradient;
    // The buffer is as large; only what may overflow, and so whether there is a bound, is another.
    EXPECT_EQ(bound(begun), bound(h));
    h.dampening = begun.dampening = 0.5;
    EXPECT_EQ(bound(begun), bound(h));  // the later pushes are the larger in the end
    h.dampening = begun.dampening = 0.95;
    EXPECT_GT(bound(begun), bound(h));  // the first push is
    h.dampening = begun.dampening = 1;
    EXPECT_GT(bound(begun), bound(h));

    fast::MomentumHyperparameters decaying;
    decaying.learning_rate_site = site;
    const double without = bound(decaying);
    decaying.weight_decay_place = fast::WeightDecay::gradient;
    EXPECT_EQ(bound(decaying), without);  // a decay of 0
    decaying.weight_decay = 1e-5;
    const double little = bound(decaying);
    EXPECT_GT(little, without);
    EXPECT_LT(little, 10 * without);
    decaying.first_buffer = fast::FirstBuffer::gradient;
    EXPECT_EQ(bound(decaying), little);
    fast::MomentumHyperparameters dampened = decaying;
    dampened.dampening = 0.95;
    EXPECT_EQ(bound(dampened), little);  // what a decay feeds back knows of the largest push alone
    dampened.first_buffer = fast::FirstBuffer::recurrence;
    EXPECT_LT(bound(dampened), little / 5);
    decaying.weight_decay = 1e-2;
    EXPECT_GT(bound(decaying), 2 * little);
    decaying.weight_decay = 1;  // 2^144 in a thousand steps
    EXPECT_FALSE(theorems.bound(decaying));
    EXPECT_TRUE(RunTheorems(format("double"), 2, 1, 1000).bound(decaying));
  }
}

/// A run of PyTorch's, with weight decay too, stays within the bound that the theorems give it.
TEST(Audit, HoldsPyTorchsRunToItsTheorem) {
  for (const std::string rule : {"momentum", "nag"})
    for (const double weight_decay : {0.0, 0.01}) {
      const auto run = audit({.rule = rule,
                              .workload = "constant",
                              .steps = 100,
                              .convention = "pytorch",
                              .given = {{"weight_decay", weight_decay}}},
                             go_on);
      for (const std::size_t reading : {0u, 1u}) {
        const Drift& last = run.readings[reading].series[0].drift.back();
        EXPECT_GT(last.of_theorem, 0) << rule << " " << weight_decay;
        EXPECT_LE(last.of_theorem, 1) << rule << " " << weight_decay;
      }
      EXPECT_EQ(run.checks().beyond_theorem, 0u);
    }
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

/// Under gradients of 0 theta moves by what the buffer holds, and by nothing else.
class Start : public testing::Test {
 protected:
  drift::Run started(const std::string& states, std::uint64_t first_step = 1) const {
    return audit({.rule = "momentum",
                  .steps = 3,
                  .first_step = first_step,
                  .setups = {drift::Setup::all_in(format("bfloat16"))},
                  .gradients = grads_.path(),
                  .states = states},
                 go_on);
  }
  std::string refusal(const std::map<std::string, std::vector<double>>& rows) const {
    const RecordedRows states("wrong.safetensors", rows);
    try {
      started(states.path());
    } catch (const std::runtime_error& error) {
      return std::string(error.what()).substr(states.path().size());
    }
    return "";
  }

  RecordedFile grads_{"grads.npy", 2, std::vector<double>(3 * 2, 0.0)};
};

TEST_F(Start, IsAsTheRuleSaysUnlessStatesAreGiven) {
  const RecordedRows states("states.safetensors", {{"v", {double{0.3f}, 0}}});
  const auto still = started(""), moving = started(states.path(), 4);
  EXPECT_EQ(still.readings[0].series[0].updates.exact, 0u);
  for (std::size_t reading = 0; reading < 3; ++reading) {
    EXPECT_EQ(moving.readings[reading].series[0].updates.exact, 3u);
    EXPECT_EQ(moving.readings[reading].series[1].updates.exact, 3u);
    EXPECT_EQ(moving.readings[reading].series[0].updates.lost, 0u);
  }
  EXPECT_TRUE(moving.checks().passed());
  EXPECT_EQ(moving.checks().compared, 2u * 2 * 2 * 3);
  EXPECT_FALSE(still.others.empty());
  EXPECT_TRUE(moving.others.empty());
  EXPECT_NE(moving.notes.back().find("distances are not determined"), std::string::npos);
}

/// float's v after three steps is 0.3f times 0.9 three times, each rounded, as the processor does.
TEST_F(Start, IsThatOfTheExactRunToo) {
  const RecordedRows states("states.safetensors", {{"v", {double{0.3f}, 0}}});
  const auto run = started(states.path());
  float v = 0.3f;
  Real exact = v;
  for (int step = 0; step < 3; ++step) {
    v = 0.9f * v;
    exact *= Real(0.9);
  }
  EXPECT_EQ(run.readings[0].series[1].drift.back().absolute.largest,
            static_cast<double>(Real(abs(v - exact))));
}

/// In shards as in one file; and parts of columns of shards are the whole.
TEST_F(Start, LiesInShardsWhereTheGradientsDo) {
  const RecordedFile g0("g0", 1, {0.5, 0, 0}), g1("g1", 2, {0, 1, 0, 0.25, 0, 0}),
      all("all", 3, {0.5, 0, 1, 0, 0, 0.25, 0, 0, 0});
  const RecordedRows s0("s0", {{"v", {0.3}}}), s1("s1", {{"v", {0, 0.7}}}),
      states("s", {{"v", {0.3, 0, 0.7}}});
  const auto marked = [](std::string name) { return name.replace(name.rfind('0'), 1, "{rank}"); };
  const auto figures = [](const drift::Run& run) {
    auto all_of_both = all_figures(run, 0);
    const auto more = all_figures(run, 2);
    all_of_both.insert(all_of_both.end(), more.begin(), more.end());
    return all_of_both;
  };
  Request request{.rule = "momentum",
                  .steps = 3,
                  .setups = {drift::Setup::all_in(format("bfloat16"))},
                  .gradients = all.path(),
                  .states = states.path()};
  const auto whole = figures(audit(request, go_on));
  request.gradients = marked(g0.path());
  EXPECT_THROW(audit(request, go_on), std::invalid_argument);
  request.states = marked(s0.path());
  EXPECT_EQ(figures(audit(request, go_on)), whole);
  Request merged = request;
  for (const auto& columns : {std::pair(0, 2), std::pair(2, 3)}) {
    request.columns = columns;
    merged.parts.push_back(audit(request, go_on).part);
  }
  EXPECT_EQ(figures(audit(merged, go_on)), whole);
}

TEST_F(Start, IsRefusedWhereItIsNotAllThatTheRuleKeeps) {
  EXPECT_EQ(refusal({{"v", {1, 2}}}), "");
  EXPECT_EQ(refusal({{"u", {1, 2}}}), ": lacks v");
  EXPECT_EQ(refusal({{"v", {1, 2, 3}}}), ": v has 3 numbers where there are 2 columns");
  EXPECT_EQ(refusal({{"v", {1, NAN}}}), ": nan in column 1 of v");
}

}  // namespace
}  // namespace truestep::drift
