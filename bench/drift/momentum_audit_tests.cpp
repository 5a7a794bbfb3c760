// SPDX-License-Identifier: Apache-2.0
// What the audit of a run of Momentum says.

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "audited.hpp"
#include "block.hpp"
#include "followed.hpp"
#include "momentum.hpp"

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
  for (std::uint64_t t = 1; t <= steps; ++t)
    block.step(h, {.t = t,
                   .formula = {},
                   .in_digits = Rule::formula<Real>(h, t),
                   .coefficients = {},
                   .exact_gradient = {gradient.begin(), gradient.end()},
                   .gradients = {gradient}});
  const auto beyond = [&](const Real& largest_gradient) {
    Tally tally;
    block.sample_theorem(h, DriftTheorems(format("float"), largest_gradient, steps), 0, 1, tally);
    EXPECT_EQ(tally.of_theorem.value() > 1, tally.beyond_theorem > 0);
    return tally.beyond_theorem;
  };
  EXPECT_EQ(beyond(0.75), 0u);
  EXPECT_EQ(beyond(0.75 * 0x1p-40), 3u);
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

}  // namespace
}  // namespace truestep::drift
