// The emulated formats of the audit: float and double, emulated, drift as the kernels do.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit.hpp"
#include "report.hpp"

namespace truestep::drift {
namespace {

const Format& format(std::string_view name) {
  return *std::find_if(formats.begin(), formats.end(),
                       [&](const Format& f) { return f.name == name; });
}

Run audited(const std::string& rule, const std::vector<Emulation>& emulations,
            std::uint64_t steps = 30) {
  const auto digits = read_digits(TRUESTEP_DIGITS);
  const Classifier model("a very small network", {64, 2, 10});
  return audit(rule, model, digits, steps, emulations, [](std::uint64_t) {});
}

/// The figures of all series in one reading: float, double, then each emulated format.
std::vector<double> figures(const Run& run, std::size_t reading, std::size_t readings) {
  const std::size_t quantities = run.series.size() / readings;
  std::vector<double> all;
  for (const auto& series : std::span(run.series).subspan(reading * quantities, quantities))
    for (const auto& drift : series.drift)
      all.insert(all.end(), {drift.ulp.largest, drift.ulp.median, drift.relative.largest,
                             drift.relative.median, drift.rounding, drift.coefficients});
  return all;
}

/// Equal but for the type that they were computed in. On either side a distance, its quotient by an
/// ulp and a conversion are rounded to 53 bits or more: 6 x 2^-53 < 2^-50 between the two.
bool agree(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return std::fabs(x - y) <= 0x1p-50 * x; });
}

TEST(Audit, FloatAndDoubleEmulatedDriftAsTheKernels) {
  for (const auto& rule : rule_names()) {
    const auto run = audited(rule, {{format("float")}, {format("double")}});
    EXPECT_TRUE(agree(figures(run, 2, 4), figures(run, 0, 4))) << rule;
    EXPECT_TRUE(agree(figures(run, 3, 4), figures(run, 1, 4))) << rule;
  }
}

TEST(Audit, AMissingBitIsSeen) {
  Format narrower = format("float");
  --narrower.significand_bits;
  const auto run = audited("adam", {{narrower}});
  EXPECT_FALSE(agree(figures(run, 2, 3), figures(run, 0, 3)));
}

TEST(Audit, ASeedGivesTheSameRunAgain) {
  const auto with_seed = [](std::uint64_t seed) {
    return figures(audited("adam", {{format("bfloat16"), Rounding::stochastic, seed}}), 2, 3);
  };
  EXPECT_EQ(with_seed(1), with_seed(1));
  EXPECT_NE(with_seed(1), with_seed(2));
}

/// Momentum's theta in bfloat16, beside one that has all the bits of double.
TEST(Audit, CountsLostUpdates) {
  const auto run = audited("momentum", {{format("bfloat16")}, {format("double")}});
  const auto& narrow = run.series[4].updates.value();
  const auto& wide = run.series[6].updates.value();
  EXPECT_EQ(narrow.values, run.parameters * run.steps);
  EXPECT_EQ(narrow.exact, wide.exact);
  EXPECT_GT(narrow.lost, narrow.exact / 20);
  EXPECT_LE(narrow.lost, narrow.exact);
  EXPECT_EQ(wide.lost, 0u);
}

/// Adam divides zero by zero where a gradient has always been zero and epsilon vanished.
TEST(Audit, CountsWhatIsNotANumber) {
  const auto run = audited("adam", {{format("fp16")}, {format("bfloat16")}});
  EXPECT_GT(run.series[6].updates->not_finite, 0u);
  EXPECT_EQ(run.series[9].updates->not_finite, 0u);
  EXPECT_NE(finding({&run, 1}, {format("fp16")}, 0).find("infinite or NaN"), std::string::npos);
  EXPECT_EQ(finding({&run, 1}, {format("bfloat16")}, 1).find("infinite or NaN"), std::string::npos);
}

/// Squares of small gradients are below the least number of e4m3, 2^-9.
TEST(Audit, CountsUnderflowsInASmallRange) {
  const auto run = audited("adagrad", {{format("fp8-e4m3")}, {format("bfloat16")}});
  ASSERT_EQ(run.out_of_range.size(), 2u);
  EXPECT_GT(run.out_of_range[0].underflows, 1000u);
  EXPECT_EQ(run.out_of_range[1].overflows, 0u);
}

}  // namespace
}  // namespace truestep::drift
