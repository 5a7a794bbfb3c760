// The tie between the lanes and the theorems: proofs/bounds.json holds what was proved, and the
// hash of what it was proved about.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/suite.hpp"

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

}  // namespace
}  // namespace truestep::test
