// SPDX-License-Identifier: Apache-2.0
// How near the committed inputs bring each rounding error to its proved constant.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/report.hpp"
#include "support/worst_cases.hpp"

namespace truestep::test {
namespace {

/// Where the worst cases do not show that a constant says something: that an input attains seven
/// tenths of it at least, at the lane's own coefficients.
std::string unattained(const std::vector<WorstCase>& worst_cases,
                       const std::vector<ProvedQuantity>& quantities) {
  std::string report;
  for (const auto& quantity : quantities) {
    const WorstCase* found = find(worst_cases, quantity);
    const Real constant(std::string(quantity.bound.rounding_constant));
    const Real error(found == nullptr ? "0" : found->attained);
    if (error <= constant && 10 * error >= 7 * constant) continue;
    report += text(quantity.lane, " ", quantity.name, ": theorem ", quantity.bound.rounding_theorem,
                   found == nullptr   ? " has no worst case"
                   : error > constant ? " is contradicted by " + line(*found)
                                      : " is far from " + line(*found),
                   "\n");
  }
  return report;
}

TEST(WorstCases, ComeNearEveryProvedConstant) {
  EXPECT_EQ(unattained(committed_worst_cases(), proved_quantities()), "");
}

TEST(WorstCases, AttainWhatTheySay) {
  for (const auto& found : committed_worst_cases())
    EXPECT_EQ(attained(found), found.attained) << line(found);
}

TEST(WorstCases, AreOneForEachExpression) {
  std::vector<std::string> expected, committed;
  for (const auto& quantity : distinct(proved_quantities()))
    expected.push_back(quantity.lane + " " + quantity.name);
  for (const auto& found : committed_worst_cases())
    committed.push_back(found.lane + " " + found.quantity);
  EXPECT_EQ(committed, expected);
}

TEST(WorstCases, AreMissedWhereOneIsMissing) {
  const auto committed = committed_worst_cases();
  for (std::size_t i = 0; i < committed.size(); ++i) {
    auto others = committed;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const auto report = unattained(others, proved_quantities());
    EXPECT_TRUE(report.starts_with(committed[i].lane + " " + committed[i].quantity)) << report;
    EXPECT_NE(report.find("has no worst case"), std::string::npos) << report;
  }
}

TEST(WorstCases, RefuteAConstantThatIsTooSmallAndShowOneThatIsTooLarge) {
  const auto committed = committed_worst_cases();
  const Real last_digit = Real(1) / 1000;
  for (auto quantity : proved_quantities()) {
    const Real error(find(committed, quantity)->attained);
    const auto report_with = [&](const Real& constant) {
      const std::string moved = constant.str(6);
      quantity.bound.rounding_constant = moved;
      return unattained(committed, {quantity});
    };
    EXPECT_NE(report_with(error - last_digit).find("is contradicted by"), std::string::npos);
    EXPECT_NE(report_with(error * 10 / 7 + last_digit).find("is far from"), std::string::npos);
  }
}

/// What is off by the last digit in some input attains something else.
TEST(WorstCases, OfOtherInputsAttainSomethingElse) {
  for (const auto& found : committed_worst_cases()) {
    const auto moved = [&](std::size_t i, float toward) {
      WorstCase other = found;
      auto& number = *other.input.numbers(recording_of(found.lane).inputs)[i];
      number = std::nextafter(number, toward);
      return attained(other);
    };
    const std::size_t count = variables(recording_of(found.lane).inputs).size();
    bool differs = false;
    for (std::size_t i = 0; i < count && !differs; ++i) differs = moved(i, 0.0f) != found.attained;
    EXPECT_TRUE(differs) << line(found);
  }
}

/// The inputs of a worst case, each made something that the theorems do not speak of.
TEST(WorstCases, AreRefusedOutsideTheTheorems) {
  for (const auto& found : committed_worst_cases()) {
    const auto inputs = recording_of(found.lane).inputs;
    const auto all = variables(inputs);
    for (std::size_t i = 0; i < all.size(); ++i) {
      WorstCase other = found;
      *other.input.numbers(inputs)[i] = all[i].range() == proofs::Range::unit_interval ? 2.0f
                                        : all[i].range() == proofs::Range::non_negative
                                            ? -1.0f
                                            : std::numeric_limits<float>::infinity();
      EXPECT_THROW(attained(other), std::domain_error) << all[i].name() << " of " << line(found);
    }
    WorstCase tiny = found;
    const auto numbers = tiny.input.numbers(inputs);
    for (std::size_t i = 0; i < all.size(); ++i)
      *numbers[i] = all[i].range() == proofs::Range::unit_interval
                        ? 0.5f
                        : std::numeric_limits<float>::denorm_min();
    EXPECT_THROW(attained(tiny), std::domain_error) << "underflow on " << line(found);
  }
}

}  // namespace
}  // namespace truestep::test
