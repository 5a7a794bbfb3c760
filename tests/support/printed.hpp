// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>

#include <truestep/reference/real.hpp>

/// The rules as the seed prints them, slips included, pinned to their published first steps; what
/// the ledger in reference/README.md says of them, in numbers.
namespace truestep::test {

/// x, to as many decimals as the table prints, rounded to nearest.
inline void expect_printed(const reference::Real& x, const std::string& printed) {
  const auto decimals = printed.size() - printed.find('.') - 1;
  EXPECT_EQ(x.str(static_cast<std::streamsize>(decimals), std::ios_base::fixed), printed);
}

/// theta_(t-1) - theta_t for t = 1, 2, ... from theta_0 = 0 and the rule's start; `take` is given t
/// and the step before.
template <class Step, class Take>
void expect_steps(Step now, Take take, std::initializer_list<const char*> printed) {
  now.theta = 0;
  std::uint64_t t = 0;
  for (const char* step : printed) {
    const Step next = take(++t, now);
    expect_printed(now.theta - next.theta, step);
    now = next;
  }
}

}  // namespace truestep::test
