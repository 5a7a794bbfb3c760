// SPDX-License-Identifier: Apache-2.0
// Runs of Momentum: numbers that nobody listed.

#include "runs.hpp"

namespace truestep::test {

TEST(IdentifyEstimates, NumbersThatNobodyListed) {
  const Options rare{{{"learning_rate", 0.037}, {"momentum", 0.85}}};
  const auto momentum =
      run<rules::Of<fast::Momentum>>(convention<rules::Of<fast::Momentum>>("seed", rare));
  const auto report = identify::identify("momentum", momentum, {});
  EXPECT_TRUE(consistent(report).contains("seed")) << report.verdict;
  EXPECT_TRUE(mentions(detail(report, "estimated"), "learning_rate = 0.037 ("));
  EXPECT_TRUE(mentions(detail(report, "estimated"), "momentum = 0.85 ("));
}

}  // namespace truestep::test
