// SPDX-License-Identifier: Apache-2.0
// What is said of the input, of a scaled loss and of what happens first, by Momentum, whose steps
// are sums of powers of two here.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "audited.hpp"
#include "recorded_file.hpp"
#include "report.hpp"
#include "setups.hpp"

namespace truestep::drift {
namespace {

Run audited_record(const std::vector<double>& gradients, const std::vector<double>& start,
                   std::vector<Setup> setups, const settings::Given& given = {},
                   std::uint64_t steps = 0) {
  const RecordedFile grads("grads.npy", start.size(), gradients),
      params("params.npy", start.size(), start);
  return audit({.rule = "momentum",
                .steps = steps > 0 ? steps : gradients.size() / start.size(),
                .setups = std::move(setups),
                .given = given,
                .gradients = grads.path(),
                .parameters = params.path()},
               go_on);
}

/// A rule that only takes the gradient off: the drift is what reading made of the doubles, and
/// double reads them as they are.
TEST(Input, InDoubleReachesDoubleAsItIs) {
  const double tenth = 0.1, of_float = std::fabs(double{static_cast<float>(tenth)} - tenth);
  const auto start = audited_record({0}, {tenth}, {});
  EXPECT_EQ(start.readings[0].series[0].drift.back().absolute.largest, of_float);
  EXPECT_EQ(start.readings[1].series[0].drift.back().absolute.largest, 0);
  const auto read = audited_record({tenth}, {0}, {}, {{"learning_rate", 1.0}});
  EXPECT_EQ(read.readings[0].series[0].drift.back().absolute.largest, of_float);
  EXPECT_EQ(read.readings[1].series[0].drift.back().absolute.largest, 0);
  EXPECT_EQ(read.readings[0].series[0].attribution.shares.front().source,
            "reading the gradient in float");
  for (const drift::Run* run : {&start, &read}) {
    EXPECT_TRUE(run->checks().passed());
    EXPECT_EQ(run->notes.size(), 1u);
  }
  EXPECT_TRUE(audited_record({0.5}, {0.25}, {}).notes.empty());
}

TEST(Input, ThatIsNotUsedIsSaid) {
  const auto run = audited_record(std::vector<double>(50, 0.5), {1}, {}, {}, 20);
  ASSERT_EQ(run.notes.size(), 1u);
  EXPECT_TRUE(run.notes.front().starts_with("Of 50 recorded rows of "));
  EXPECT_TRUE(run.notes.front().ends_with(" the first 20 are used."));
}

/// The gradient 2 times 2^16, and times 2^15, is beyond 65504; times 2^14 it is not.
TEST(LossScale, LeavesOutTheStepsThatOverflow) {
  const auto run = audited_record(std::vector<double>(8, 2), {1}, {typed_setup("amp_fp16")},
                                  {{"learning_rate", 0.0625}, {"momentum", 0.0}});
  const Reading& scaled = run.readings[2];
  ASSERT_TRUE(scaled.skips.has_value());
  EXPECT_EQ(scaled.skips->count, 2u);
  EXPECT_EQ(scaled.skips->first, 1u);
  EXPECT_EQ(scaled.skips->scale, 0x1p14);
  // Two steps of 2 / 16 were left out, and nothing else is lost.
  EXPECT_EQ(scaled.series[0].of_farthest.drift, 0.25);
  EXPECT_EQ(scaled.series[0].of_farthest.shares.front().source, "steps left out");
  EXPECT_EQ(scaled.series[0].of_farthest.residual, 0);
  EXPECT_EQ(scaled.series[0].updates.exact, 6u);
  EXPECT_EQ(scaled.series[0].updates.lost, 0u);
  EXPECT_FALSE(run.readings[0].skips);
}

/// Two steps of 2 / 16 are left out of eight that lead back to where they began, 2^-4 from 0.
TEST(Farthest, IsMeasuredByWhatTheCoordinateIsOrMoved) {
  const auto farthest = [](double start, std::vector<double> gradients) {
    return audited_record(gradients, {start}, {typed_setup("amp_fp16")},
                          {{"learning_rate", 0.0625}, {"momentum", 0.0}})
        .readings[2]
        .farthest;
  };
  const auto back = farthest(0x1p-4, {2, 2, -2, -2, 2, -2, 2, -2});
  EXPECT_EQ(back.distance, 0.25);
  EXPECT_EQ(back.of_reach, 0.25);                                        // moved 8 / 8
  EXPECT_EQ(farthest(-8, {2, 2, 2, 2, 2, 2, 2, 2}).of_reach, 0.25 / 9);  // ends there
  EXPECT_EQ(farthest(8, {2, 2, 2, 2, 2, 2, 2, 2}).of_reach, 0.25 / 8);   // begins there
  EXPECT_EQ(farthest(0, {0, 0, 0, 0, 0, 0, 0, 0}).of_reach, 0);          // and is exact
}

/// Below 2^-25 fp16 has nothing; a scale of 2^10 brings 2^-30 to 2^-20.
TEST(LossScale, SavesGradientsFromUnderflow) {
  const auto after = [&](const char* setup) {
    const auto run = audited_record(std::vector<double>(8, 0x1p-30), {0}, {typed_setup(setup)},
                                    {{"learning_rate", 1.0}, {"momentum", 0.0}});
    return run.readings[2].series[0].drift.back().absolute.largest;
  };
  EXPECT_GT(after("amp_fp16,loss_scale=1"), 0);
  EXPECT_EQ(after("amp_fp16,loss_scale=1024"), 0);
}

/// Momentum's updates of 2^-10 are an eighth of the spacing of bfloat16 above 1, and move what is
/// near 0.
TEST(Firsts, AreTheEarliestStepsOfTheLowestCoordinates) {
  const auto run =
      audited_record({0, 0, 0, 0, 0x1p-6, 0x1p-6}, {0, 1}, {typed_setup("pytorch_bf16")},
                     {{"learning_rate", 0.0625}, {"momentum", 0.0}});
  const auto& lost = run.readings[2].series[0].updates.first_lost;
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(lost->step, 3u);
  EXPECT_EQ(lost->coordinate, 1u);
  EXPECT_EQ(lost->stored, 1);
  EXPECT_EQ(lost->exact, 1 - 0x1p-10);
  EXPECT_FALSE(run.readings[0].series[0].updates.first_lost);
  EXPECT_NE(
      findings({&run, 1}).find("The first update of theta to be lost: coordinate 1 at step 3"),
      std::string::npos);
}

}  // namespace
}  // namespace truestep::drift
