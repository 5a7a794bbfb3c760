// SPDX-License-Identifier: Apache-2.0
// The shares of a drift: they are exact where doubles are, they add up to the drift, and a fault in
// one operation is found there.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "audited.hpp"
#include "drift/every_rule.hpp"
#include "followed.hpp"

namespace truestep::drift {

namespace {

double sum(const Shares& shares) {
  double total = 0;
  for (const double share : shares) total += share;
  return total;
}

/// Operands of few bits, whose shares and slopes are doubles without any rounding.
class Slopes : public testing::Test {
 protected:
  Traced number(double computed, double exact) {
    Traced x{Rounded(wide_, computed), exact, {}, &operations_};
    x.shares[0] = computed - exact;
    return x;
  }

  static void expect_explained(const Traced& x) {
    EXPECT_EQ(sum(x.shares), x.computed.value() - x.exact);
  }

  Arithmetic wide_{format("float")};
  Operations operations_{1};
};

TEST_F(Slopes, ExplainEveryDistance) {
  const Traced a = number(12, 4), b = number(2, 4), c = number(-3, 1);
  expect_explained(a + b);
  expect_explained(a - b);
  expect_explained(a * b);
  expect_explained(a / b);
  expect_explained(fma(a, b, c));
  expect_explained(decay(number(0.25, 0.75), c));
  expect_explained(sqrt(number(9, 1)));
  expect_explained(sqrt(number(0, 4)));
  expect_explained(sqrt(number(0, 0)));
  expect_explained(-a);
}

TEST_F(Slopes, ExplainEverySelection) {
  const Traced a = number(12, 4), b = number(2, 10), least = number(-3, 1), most = number(5, -3);
  for (const Traced& larger : {maximum(a, b), maximum(b, a)}) {
    expect_explained(larger);
    EXPECT_EQ(larger.computed.value(), 12);
    EXPECT_EQ(larger.exact, 10);
  }
  for (const Traced& x : {a, least, most}) {
    expect_explained(maximum(x, x));
    expect_explained(at_least_zero(x));
    expect_explained(where_positive(x, b));
    expect_explained(where_positive(-x, b));
  }
  EXPECT_EQ(at_least_zero(least).computed.value(), 0);
  EXPECT_EQ(at_least_zero(least).exact, 1);
  EXPECT_EQ(where_positive(least, a).computed.value(), 0);
  EXPECT_EQ(where_positive(least, a).exact, 4);
}

/// What the branch that was taken passes on does not explain the other branch.
TEST_F(Slopes, OfOneBranchWouldNot) {
  const Traced a = number(12, 4), b = number(2, 10), larger = maximum(a, b);
  EXPECT_NE(sum(a.shares), larger.computed.value() - larger.exact);
  EXPECT_NE(sum(b.shares), larger.computed.value() - larger.exact);
}

TEST_F(Slopes, OfTheTangentWouldNot) {
  const Traced a = number(12, 4);
  const double by_tangent = 2 * a.exact * (a.computed.value() - a.exact);
  EXPECT_NE(by_tangent, (a * a).computed.value() - (a * a).exact);
}

/// A share that is not told leaves a residual of its size; one that makes a distance smaller counts
/// against it.
TEST(Attribution, ShowsWhatItWasNotTold) {
  Attributed attributed;
  attributed.add(2, std::array{3.0, -1.0});
  EXPECT_EQ(attributed.sum({"a", "b"}).residual, 0);
  attributed.add(-5, std::array{-6.0, 2.0});
  const auto attribution = attributed.sum({"a", "b"});
  EXPECT_EQ(attribution.drift, 7);
  EXPECT_EQ(attribution.shares[0].contribution, 9);
  EXPECT_EQ(attribution.shares[1].contribution, -3);
  EXPECT_EQ(attribution.residual, 1);
}

/// Every rule has a name for each of its coefficients and operations.
TEST(Attribution, NamesEverySource) {
  const auto expect_names = []<class Rule>(Rule) {
    Followed<Rule> run({}, drift::Setup::all_in(format("float")), {1});
    run.step(1, 1);
    auto names = run.emulated.sources();
    EXPECT_EQ(coefficient_names(typename Rule::Hyperparameters()).size(), Rule::Lane::coefficients);
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  };
  std::apply([&](auto... rule) { (expect_names(rule), ...); }, rules::All());
}

}  // namespace
}  // namespace truestep::drift
