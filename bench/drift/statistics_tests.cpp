// SPDX-License-Identifier: Apache-2.0
// Quantiles, growth, lost digits and budgets.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "budget.hpp"
#include "figures.hpp"
#include "report.hpp"
#include "statistics.hpp"

namespace truestep::drift {
namespace {

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

TEST(Statistics, DigitsAreLostOnce) {
  std::vector<Digits> coordinates(3);
  coordinates[0].see(1, 2e-15);
  coordinates[0].see(7, 1.5e-13);
  coordinates[1].see(9, 0.02);
  coordinates[1].see(10, 1e-20);
  const auto losses = digit_losses(coordinates);
  EXPECT_EQ(losses[0].digit, 15);
  EXPECT_EQ(losses[0].first, 1u);
  EXPECT_EQ(losses[0].half, 9u);
  EXPECT_EQ(losses[1].digit, 14);
  EXPECT_EQ(losses[1].first, 7u);
  EXPECT_EQ(losses.back().digit, 2);
  EXPECT_EQ(losses.back().first, 9u);
  EXPECT_FALSE(losses.back().half);
}

TEST(Statistics, NoDigitIsLeftOfWhatIsNotANumber) {
  Digits digits;
  digits.see(3, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(digits.lost_at(1), 3u);
  EXPECT_EQ(digits.lost_at(Digits::most), 3u);
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
