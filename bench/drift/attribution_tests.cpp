// SPDX-License-Identifier: Apache-2.0
// The shares of a drift: they are exact where doubles are, they add up to the drift, and a fault in
// one operation is found there.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "emulated_run.hpp"

namespace truestep::drift {

/// A fault to plant: a result that is kept in three bits.
Traced narrowed(const Traced& a, Arithmetic& narrow) {
  Traced result = a;
  result.computed = Rounded(narrow, a.computed.value());
  result.shares[a.operations->next("narrowed")] += narrow.error();
  return result;
}

namespace {

Format format(const std::string& name) { return named_format("format", name); }

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

/// A few coordinates of a rule in a set-up beside their exact run.
template <class Rule>
struct Followed {
  typename Rule::Hyperparameters h;
  ExactRun<Rule> exact;
  EmulatedCoefficients<Rule> coefficients;
  EmulatedRun<Rule> emulated;

  Followed(const typename Rule::Hyperparameters& given, const drift::Setup& setup,
           const std::vector<float>& initial)
      : h(given), exact(h, initial), coefficients(setup), emulated(h, setup, 0, initial) {}

  void step(std::uint64_t t, double gradient) {
    const std::vector<double> given{gradient};
    const std::vector<Real> exact_gradient{Real(gradient)};
    exact.step(Rule::template formula<Real>(h, t), exact_gradient);
    emulated.step(t, coefficients.next(h, t), given, exact_gradient, exact);
  }

  Attribution attribution(std::size_t quantity) const {
    const auto sources = emulated.sources();
    return drift::attribution(
        static_cast<double>(Real(emulated.at(quantity, 0) - exact.at(quantity, 0))),
        std::span(emulated.shares(quantity, 0)).first(sources.size()), sources);
  }
};

/// Momentum with powers of two for weights, gradients of few bits: the exact run and all shares are
/// then doubles, and nothing may be left over. Every role rounds.
TEST(Attribution, LeavesNothingOverWhereDoublesAreExact) {
  drift::Setup setup = drift::Setup::all_in(format("8:-126:127"));
  setup.parameters = format("5:-126:127");
  setup.states = format("6:-126:127");
  setup.gradients = format("3:-126:127");
  for (const bool kahan : {false, true}) {
    setup.kahan = kahan;
    Followed<rules::Of<fast::Momentum>> run({.learning_rate = 0.25, .momentum = 0.5}, setup,
                                            {1.09375f});
    for (std::uint64_t t = 1; t <= 20; ++t) run.step(t, t % 3 == 0 ? 0.34375 : -1.40625);
    for (const std::size_t quantity : {0u, 1u}) {
      const auto attribution = run.attribution(quantity);
      EXPECT_NE(attribution.drift, 0);
      EXPECT_GT(attribution.shares.size(), 1u);
      EXPECT_EQ(attribution.residual, 0);
    }
  }
}

/// Adam whose (w2 g) is kept in three bits.
struct FaultyLane : fast::lane::Adam {
  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    static Arithmetic three_bits(Format{"3 bits", 3, -126, 127});
    const auto& [w1, w2, alpha_t, c_t, epsilon] = coefficient;
    auto& [m, v] = state;
    m = fma(w1, gradient, decay(w1, m));
    observe("m", m);
    // The first operand decides how a result is rounded.
    v = fma(gradient, narrowed(w2 * gradient, three_bits), decay(w2, v));
    observe("v", v);
    theta = theta - alpha_t * m / fma(c_t, sqrt(v), epsilon);
    observe("theta", theta);
  }
};

struct Faulty : rules::Of<fast::Adam> {
  using Lane = FaultyLane;
};

template <class Rule>
Attribution after_some_steps(const drift::Setup& setup, std::size_t quantity) {
  Followed<Rule> run({}, setup, {1});
  for (std::uint64_t t = 1; t <= 300; ++t) run.step(t, 0.125 + 0.0625 * static_cast<double>(t % 4));
  return run.attribution(quantity);
}

/// Each share of theta or a state comes by at most 16 operations a step, each of which rounds it
/// six times at most, by 2^-53 of itself; so in 300 steps by less than 2^15 2^-53 of what they add
/// up to without their signs, as long as no step makes errors larger, which a mean's does not and
/// theta's sum does not.
void expect_small_residual(const Attribution& attribution) {
  double gross = 0;
  for (const auto& share : attribution.shares) gross += std::fabs(share.contribution);
  EXPECT_LE(std::fabs(attribution.residual), 0x1p-38 * gross);
}

TEST(Attribution, FindsAFaultInOneOperation) {
  const drift::Setup setup = drift::Setup::all_in(format("float"));
  for (const std::size_t quantity : {0u, 2u}) {
    const auto sound = after_some_steps<rules::Of<fast::Adam>>(setup, quantity),
               faulty = after_some_steps<Faulty>(setup, quantity);
    expect_small_residual(sound);
    expect_small_residual(faulty);
    EXPECT_EQ(faulty.shares.front().source, "v: narrowed");
    EXPECT_GT(std::fabs(faulty.shares.front().contribution), std::fabs(faulty.drift) / 2);
    for (const auto& share : sound.shares) EXPECT_NE(share.source, "v: narrowed");
  }
}

TEST(Attribution, FindsTheStateThatIsStoredInFewerBits) {
  drift::Setup setup = drift::Setup::all_in(format("float"));
  setup.states = format("bfloat16");
  const auto attribution = after_some_steps<rules::Of<fast::Adam>>(setup, 2);
  EXPECT_EQ(attribution.shares.front().source, "storing v in bfloat16");
  EXPECT_GT(std::fabs(attribution.shares.front().contribution), std::fabs(attribution.drift) / 2);
  expect_small_residual(attribution);
}

TEST(Attribution, FindsTheCounterThatSticks) {
  drift::Setup setup = drift::Setup::all_in(format("float"));
  setup.counter = format("bfloat16");
  const auto attribution = after_some_steps<rules::Of<fast::Adam>>(setup, 0);
  EXPECT_EQ(attribution.shares.front().source, "counting in bfloat16");
  expect_small_residual(attribution);
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
