// The tie between the lanes and the theorems: proofs/bounds.json holds what was proved, and the
// hash of what it was proved about.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/suite.hpp"
#include "support/worst_cases.hpp"

namespace truestep::test {
namespace {

const Suite& suite_of(const std::string& rule) {
  static const auto all = suites();
  return *std::find_if(all.begin(), all.end(),
                       [&](const Suite& suite) { return suite.shipped.single.rule.name == rule; });
}

class ProvedBounds : public testing::TestWithParam<std::string> {
 protected:
  const Suite& suite = suite_of(GetParam());
};

TEST_P(ProvedBounds, AreAboutTheLaneThatRuns) { expect_section(9, suite.shipped); }

TEST_P(ProvedBounds, HoldFromAnyState) { expect_section(10, suite.shipped); }

/// Every slip that the rule's own file plants into its lane moves a hash, and the message says
/// whose.
TEST_P(ProvedBounds, AreNotAboutALaneWithASlip) {
  const std::string& rule = GetParam();
  std::size_t slips = 0;
  for (const auto& fault : suite.faults) {
    if (fault.where != "lane") continue;
    ++slips;
    const auto outcome = *run_section(9, fault.faulty.single, {});
    EXPECT_FALSE(outcome.held) << rule << ": " << fault.name;
    EXPECT_TRUE(outcome.report.starts_with(rule)) << outcome.report;
    EXPECT_NE(outcome.report.find("theorem " + rule), std::string::npos) << outcome.report;
  }
  EXPECT_GE(slips, 3u) << rule;
}

INSTANTIATE_TEST_SUITE_P(, ProvedBounds,
                         testing::Values("momentum", "nag", "adagrad", "adadelta", "rmsprop",
                                         "adam"),
                         [](const auto& rule) { return rule.param; });

/// The recorder sees signs through squares, quotients and decays: what it says may be negative is
/// what can be.
TEST(Expression, KnowsWhatCannotBeNegative) {
  std::string non_negative;
  for_each_lane([&]<class Lane>() {
    const auto recording = proofs::record<Lane>(proofs::inputs<Lane>());
    for (const auto& [name, value] : recording.quantities)
      if (value.non_negative()) non_negative += recording.inputs.lane + " " + name + ", ";
  });
  EXPECT_EQ(non_negative,
            "adagrad sum, adagrad denominator, adadelta s, adadelta rate, adadelta u, rmsprop s, "
            "rmsprop sigma, adam v, adam denominator, ");
}

/// A constant that no input comes near says little: these attain seven tenths of it at least, at
/// the lane's own coefficients. `truestep_climb` found them.
TEST(WorstCases, ComeNearTheProvedConstants) {
  const auto committed = committed_worst_cases();
  auto next = committed.begin();
  for_each_lane([&]<class Lane>() {
    const auto lane = proofs::record<Lane>(proofs::inputs<Lane>());
    for (const auto& quantity : lane.quantities) {
      ASSERT_NE(next, committed.end());
      const WorstCase& found = *next++;
      ASSERT_EQ(lane.inputs.lane + " " + quantity.name, found.lane + " " + found.quantity);
      EXPECT_EQ(attained(found), found.attained) << line(found);
      const auto& bound = proofs::bound_of(found.lane, found.quantity, "binary32");
      const Real error(found.attained), constant(std::string(bound.rounding_constant));
      EXPECT_LE(error, constant) << line(found) << "\ncontradicts theorem "
                                 << bound.rounding_theorem;
      EXPECT_GE(10 * error, 7 * constant)
          << line(found) << "\nis far from theorem " << bound.rounding_theorem;
    }
  });
  EXPECT_EQ(next, committed.end());
}

}  // namespace
}  // namespace truestep::test
