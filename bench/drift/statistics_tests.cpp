// SPDX-License-Identifier: Apache-2.0
// Quantiles, growth, lost digits and budgets.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "budget.hpp"
#include "distribution.hpp"
#include "figures.hpp"
#include "report.hpp"
#include "statistics.hpp"

namespace truestep::drift {
namespace {

Spread spread(const std::vector<double>& values) {
  Distribution distribution;
  for (const double value : values) distribution.add(value);
  return distribution.spread();
}

TEST(Statistics, QuantilesAreValuesThatThatPartDoesNotExceed) {
  std::vector<double> values;
  for (int i = 100; i > 0; --i) values.push_back(i);
  const Spread s = spread(values);
  EXPECT_EQ(s.largest, 100);
  EXPECT_EQ(s.mean, 50.5);
  EXPECT_EQ(s.median, 50);
  EXPECT_EQ(s.quantile_90, 90);
  EXPECT_EQ(s.quantile_99, 99);
  const Spread one = spread({7});
  EXPECT_EQ(one.largest, 7);
  EXPECT_EQ(one.median, 7);
}

using Points = std::vector<std::pair<std::uint64_t, double>>;

/// 1, 4, 16, ... 2^24 with t^(halves / 2): powers of two.
Points power_law(int halves) {
  Points points;
  for (int i = 0; i <= 12; ++i) points.emplace_back(1 << (2 * i), std::exp2(i * halves));
  return points;
}

TEST(Statistics, GrowthIsThatOfAPower) {
  EXPECT_EQ(growth(power_law(0))->kind(), "bounded");
  EXPECT_EQ(growth(power_law(1))->kind(), "as the square root of t");
  EXPECT_EQ(growth(power_law(2))->kind(), "as t");
  EXPECT_EQ(growth(power_law(4))->kind(), "faster than t");
  EXPECT_EQ(std::round(64 * growth(power_law(1))->exponent), 32);
}

TEST(Statistics, GrowthSaysWhatItCannotTell) {
  Points noisy = power_law(1);
  noisy.back().second *= 5;
  EXPECT_NE(growth(noisy)->kind().find(" or "), std::string::npos);
  EXPECT_GT(growth(noisy)->standard_error, growth(power_law(1))->standard_error);
}

TEST(Statistics, GrowthNeedsThreePoints) {
  EXPECT_FALSE(growth({}));
  EXPECT_FALSE(growth({{100, 1}, {200, 2}}));
  EXPECT_FALSE(growth({{1, 1}, {500, 1}, {1000, 2}}));  // the first is too old
  EXPECT_FALSE(growth({{100, 0}, {500, 1}, {1000, std::numeric_limits<double>::infinity()}}));
  EXPECT_TRUE(growth({{100, 1}, {500, 1}, {1000, 2}}));
}

/// Any order and any parts give one distribution, bit for bit, and its quantiles are those of all
/// numbers, or less by at most a 512th.
TEST(Statistics, DistributionsAreTheSameInParts) {
  for (const std::size_t count : {1000u, 4096u, 4097u, 20'000u}) {
    std::vector<double> values;
    std::uint64_t x = count;
    for (std::size_t i = 0; i < count; ++i) {
      x = x * 6364136223846793005u + 1442695040888963407u;
      values.push_back(std::ldexp(static_cast<double>(x >> 11), static_cast<int>(x % 90) - 100));
    }
    const Spread whole = spread(values);
    for (const std::size_t cut : {std::size_t{1}, count / 3, count - 1}) {
      Distribution first, second;
      for (std::size_t i = count; i-- > 0;) (i < cut ? first : second).add(values[i]);
      second += first;
      const Spread joined = second.spread();
      EXPECT_EQ(joined.largest, whole.largest);
      EXPECT_EQ(joined.mean, whole.mean);
      EXPECT_EQ(joined.median, whole.median);
      EXPECT_EQ(joined.quantile_90, whole.quantile_90);
      EXPECT_EQ(joined.quantile_99, whole.quantile_99);
    }
    std::sort(values.begin(), values.end());
    const double median = values[(count + 1) / 2 - 1];
    EXPECT_LE(whole.median, median);
    EXPECT_LE(median - whole.median, count > Distribution::most_kept ? median / 512 : 0);
    EXPECT_EQ(whole.largest, values.back());
  }
}

TEST(Statistics, SumsAreExact) {
  ExactSum sum;
  for (const double x : {0x1p1000, 1.0, -0x1p1000, 0x1p-1074, 0x1p-60, -1.0, -0x1p-60}) sum.add(x);
  EXPECT_EQ(sum.value(), 0x1p-1074);
  sum.add(-0x1p-1073);
  EXPECT_EQ(sum.value(), -0x1p-1074);
  ExactSum other;
  other.add(0x1p-1074);
  other.add(-0.1);
  sum += other;
  EXPECT_EQ(sum.value(), -0.1);
  sum.add(std::numeric_limits<double>::infinity());
  EXPECT_EQ(sum.value(), std::numeric_limits<double>::infinity());
}

TEST(Statistics, DigitsAreLostOnce) {
  DigitCounts first, second;
  first.lose(15, 1);
  for (const int digit : {14, 13}) first.lose(digit, 7);
  for (int digit = 15; digit > 1; --digit) second.lose(digit, 9);
  first += second;
  const auto losses = first.losses(3);
  EXPECT_EQ(losses[0].digit, 15);
  EXPECT_EQ(losses[0].first, 1u);
  EXPECT_EQ(losses[0].half, 9u);
  EXPECT_EQ(losses[1].digit, 14);
  EXPECT_EQ(losses[1].first, 7u);
  EXPECT_EQ(losses.back().digit, 2);
  EXPECT_EQ(losses.back().first, 9u);
  EXPECT_FALSE(losses.back().half);
}

class Budgets : public testing::Test {
 protected:
  Budgets() {
    const Spread ulp{9, 4, 3, 7, 8}, relative{0.5, 0.25, 0.25, 0.5, 0.5};
    drift::Run run{.rule = "a_rule",
                   .workload = "constant",
                   .convention = {},
                   .parameters = 1,
                   .closed_loop = false};
    Series theta{.quantity = "theta"};
    theta.drift = {{1, ulp, relative, 0, 0, 0, 0, 0, 0, 0}};
    run.readings.push_back(
        {drift::Setup::all_in(named_format("format", "float")), true, {theta}, {}, {}});
    runs_.push_back(run);
  }
  ~Budgets() override { std::filesystem::remove(path_); }

  Budget budget(const std::string& text) {
    std::ofstream(path_) << text;
    return Budget(path_);
  }

  std::string path_ = testing::TempDir() + "truestep-budget-" +
                      testing::UnitTest::GetInstance()->current_test_info()->name();
  std::vector<drift::Run> runs_;
};

TEST_F(Budgets, AreExceededByWhatIsLarger) {
  EXPECT_TRUE(budget("a_rule float theta largest_ulp 9 # not more\n\n").exceeded(runs_).empty());
  const auto lines = budget("# comment\na_rule float theta largest_ulp 8.5\n").exceeded(runs_);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(
      lines[0].find(":2: a_rule in float on constant: largest_ulp of theta is 9 after 1 steps, "
                    "more than 8.5"),
      std::string::npos)
      << lines[0];
  EXPECT_EQ(budget("* * * median_relative 0.1\n").exceeded(runs_).size(), 1u);
}

/// The worst of several, wherever it is; NaN is worse than all.
TEST_F(Budgets, AreAboutTheWorstStep) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (const std::vector<double>& errors : {std::vector<double>{1, 9, 3},
                                            {9, 1, 3},
                                            {1, 3, 9},
                                            {9, 9, 1},
                                            {nan, 9, 1},
                                            {1, nan, 9},
                                            {9, 1, nan}}) {
    auto& drift = runs_[0].readings[0].series[0].drift;
    drift.assign(errors.size(), drift[0]);
    std::size_t worst = 0;
    for (std::size_t i = 0; i < errors.size(); ++i) {
      drift[i].step = i + 1;
      drift[i].ulp.largest = errors[i];
      if (std::isnan(errors[i]) || errors[i] > errors[worst]) worst = i;
    }
    const auto lines = budget("* * * largest_ulp 8\n").exceeded(runs_);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines[0].find("after " + std::to_string(worst + 1) + " steps"), std::string::npos)
        << lines[0];
    const bool has_nan = std::isnan(errors[worst]);
    EXPECT_EQ(budget("* * * largest_ulp 9\n").exceeded(runs_).empty(), !has_nan);
  }
}

/// Each of the three safety checks, alone, makes the answer No.
TEST_F(Budgets, AnswersSayWhichCheckFailed) {
  auto& checks = runs_[0].readings[0].series[0].checks;
  checks.compared = 5;
  EXPECT_TRUE(answer(runs_, true).starts_with("Yes: all 5 errors"));
  const auto expect_no = [&](std::uint64_t Checks::*count, const std::string& said) {
    checks.*count = 1;
    EXPECT_FALSE(runs_[0].checks().passed());
    const auto text = answer(runs_, true);
    EXPECT_TRUE(text.starts_with("No: ")) << text;
    EXPECT_NE(text.find(said), std::string::npos) << text;
    checks.*count = 0;
    EXPECT_TRUE(runs_[0].checks().passed());
  };
  expect_no(&Checks::exceeded, "No: 1 of 5 errors left their radius");
  expect_no(&Checks::other_bits, "1 of the kernels' results were not the emulation's");
  expect_no(&Checks::beyond_theorem, "1 errors left the bound of a theorem.");
}

TEST_F(Budgets, AreExceededByWhatIsNotANumber) {
  runs_[0].readings[0].series[0].drift[0].ulp.largest = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(budget("* * * largest_ulp 1e300\n").exceeded(runs_).size(), 1u);
}

TEST_F(Budgets, RefuseWhatIsNotALimit) {
  for (const char* wrong : {"a_rule float theta largest_ulp", "a_rule float theta largest_ulp 1 2",
                            "a_rule float theta worst_ulp 1", "a_rule float theta largest_ulp -1",
                            "a_rule float theta largest_ulp nan"})
    EXPECT_THROW(budget(wrong), std::runtime_error) << wrong;
  EXPECT_THROW(Budget("no/such/file"), std::runtime_error);
}

TEST_F(Budgets, RefuseToBeAboutNothing) {
  EXPECT_THROW(budget("a_rule fp16 theta largest_ulp 1\n").exceeded(runs_), std::invalid_argument);
}

TEST_F(Budgets, CsvHasEveryFigure) {
  const std::string text = csv(runs_);
  EXPECT_NE(text.find("a_rule,\"constant\",open,float,theta,1,9,4,3,7,8,0.5,"), std::string::npos)
      << text;
  for (const Figure& figure : figures)
    EXPECT_NE(text.find(figure.name), std::string::npos) << figure.name;
}

}  // namespace
}  // namespace truestep::drift
