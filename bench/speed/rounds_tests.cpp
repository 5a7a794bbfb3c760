// SPDX-License-Identifier: Apache-2.0
#include "rounds.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/multiprecision/cpp_int.hpp>
#include <gtest/gtest.h>

namespace truestep::speed {

/// Counted over all ways in which n values can lie below or above the median.
TEST(Median, HasTheNarrowestIntervalOf95Percent) {
  using Integer = boost::multiprecision::uint128_t;
  for (std::size_t n = 6; n <= 100; ++n) {
    std::vector<Integer> ways{1};  // with 0, 1, ... n values below it
    for (std::size_t k = 1; k <= n; ++k) ways.push_back(ways.back() * (n - k + 1) / k);
    const auto missed = [&](std::size_t outside) {
      Integer sum = 0;
      for (std::size_t k = 0; k <= outside; ++k) sum += ways[k];
      return 40 * sum > Integer(1) << n;
    };
    EXPECT_FALSE(missed(values_outside(n))) << n;
    EXPECT_TRUE(missed(values_outside(n) + 1)) << n;
  }
}

TEST(Median, OfFewValuesLiesBetweenAllOfThem) {
  const Interval interval = median_interval({4, 1, 2, 8});
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.median, 3);
  EXPECT_EQ(interval.high, 8);
}

TEST(Median, LeavesOutliersOut) {
  std::vector<double> values{-1000, 1000};
  for (int i = 1; i <= 19; ++i) values.push_back(i);
  const Interval interval = median_interval(values);
  EXPECT_EQ(interval.low, 5);
  EXPECT_EQ(interval.median, 10);
  EXPECT_EQ(interval.high, 15);
}

namespace {

/// Candidates that take the times that they are told to, on a clock of their own.
class Play {
 public:
  Candidate candidate(const std::string& name, Role role, std::chrono::nanoseconds time) {
    return {name, role, [this, name, time] {
              calls.push_back(name);
              now += time * slowness;
            }};
  }

  Rounds::Clock clock() {
    return [this] { return now; };
  }

  std::chrono::nanoseconds now{0};
  int slowness = 1;
  std::vector<std::string> calls;
};

using std::chrono::milliseconds, std::chrono::nanoseconds;

std::vector<Candidate> all_roles(Play& play) {
  return {play.candidate("ours", Role::ours, nanoseconds(100)),
          play.candidate("loop", Role::loop, nanoseconds(200)),
          play.candidate("slower_loop", Role::loop, nanoseconds(300)),
          play.candidate("peer", Role::peer, nanoseconds(150)),
          play.candidate("limit", Role::limit, nanoseconds(50)),
          play.candidate("larger_limit", Role::limit, nanoseconds(75))};
}

}  // namespace

TEST(Rounds, CompareWithTheFastestPeerAndTheLargerLimit) {
  Play play;
  Rounds rounds(all_roles(play), 10, milliseconds(0), play.clock());
  for (int round = 0; round < 7; ++round) rounds.run();
  const Figures figures = rounds.figures();
  EXPECT_EQ(figures.ours, 100);
  EXPECT_EQ(figures.vs_loop, 2);
  EXPECT_EQ(figures.vs_best_peer.median, 1.5);
  EXPECT_EQ(figures.best_peer, "peer");
  EXPECT_EQ(figures.of_limit, 0.75);
  EXPECT_EQ(figures.all.size(), 6u);
}

TEST(Rounds, TimeWhatIsAsideAndRankItNowhere) {
  Play play;
  auto candidates = all_roles(play);
  candidates.push_back(play.candidate("aside", Role::aside, nanoseconds(20)));
  Rounds rounds(std::move(candidates), 10, milliseconds(0), play.clock());
  for (int round = 0; round < 7; ++round) {
    play.slowness = 1 + round;
    rounds.run();
  }
  EXPECT_EQ(rounds.over_ours("aside"), 0.2);
  EXPECT_EQ(rounds.over_ours("larger_limit"), 0.75);
  EXPECT_EQ(rounds.figures().best_peer, "peer");
  EXPECT_EQ(rounds.figures().of_limit, 0.75);
}

TEST(Rounds, CancelWhatSlowsAWholeRound) {
  Play play;
  Rounds rounds(all_roles(play), 10, milliseconds(0), play.clock());
  for (int round = 0; round < 21; ++round) {
    play.slowness = 1 + round % 5;
    EXPECT_EQ(rounds.run(), 100 * play.slowness);
  }
  const Figures figures = rounds.figures();
  EXPECT_EQ(figures.vs_best_peer.low, 1.5);
  EXPECT_EQ(figures.vs_best_peer.high, 1.5);
}

TEST(Rounds, EndTheTurnOfASlowCandidateEarly) {
  Play play;
  Rounds rounds({play.candidate("ours", Role::ours, milliseconds(2))}, 64, milliseconds(0),
                play.clock());
  EXPECT_EQ(rounds.run(), 2e6);
  EXPECT_EQ(play.calls.size(), 1u + 4u);
}

/// A turn is one call to get used to the caches and `calls` timed ones, undisturbed.
TEST(Rounds, TakeTurnsInChangingOrder) {
  constexpr std::size_t calls = 3, candidates = 6, count = 20;
  Play play;
  Rounds rounds(all_roles(play), calls, milliseconds(0), play.clock());
  std::set<std::vector<std::string>> orders;
  for (std::size_t round = 0; round < count; ++round) {
    play.calls.clear();
    rounds.run();
    ASSERT_EQ(play.calls.size(), candidates * (calls + 1));
    std::vector<std::string> order = play.calls;
    order.erase(std::unique(order.begin(), order.end()), order.end());
    EXPECT_EQ(order.size(), candidates);
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), count / 2);
}

}  // namespace truestep::speed
