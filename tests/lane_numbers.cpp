// SPDX-License-Identifier: Apache-2.0
// Which words of the lanes' vocabulary each number type speaks: proofs/numbers/README.md's table,
// held by the compiler; and by hand what single words make of numbers that are told exactly.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/fast/coefficients/powers.hpp>
#include <truestep/fast/lanes/lanes.hpp>
#include <truestep/fast/loop/kernels.hpp>
#include <truestep/proofs/numbers/any_order.hpp>
#include <truestep/proofs/numbers/ball.hpp>
#include <truestep/proofs/numbers/certified.hpp>
#include <truestep/proofs/numbers/expression.hpp>
#include <truestep/proofs/numbers/lane_number.hpp>
#include <truestep/proofs/numbers/magnitude.hpp>
#include <truestep/proofs/numbers/symbol.hpp>
#include <truestep/reference/real.hpp>

#include "../bench/drift/ball_row.hpp"
#include "../bench/drift/rounded.hpp"
#include "../bench/drift/traced.hpp"
#include "../bench/drift/truth_row.hpp"
#include "../bench/runs/float_formula.hpp"
#include "support/altered.hpp"
#include "truth/watched.hpp"

// The SIMD types last: what follows a header of Highway is compiled for its target.
#include <truestep/fast/loop/targets.hpp>

#include <truestep/fast/loop/loop.inl.hpp>

#include <truestep/fast/coefficients/corrections.inl.hpp>

namespace truestep::test {
namespace {

using namespace proofs;

/// The words that a type speaks, a letter each: arithmetic, root, fma, decay, maximum,
/// at_least_zero (clip), where_positive (positive). A missing word is a dash.
template <class Number>
std::string words() {
  using namespace vocabulary;
  const auto letter = [](bool spoken, char of) { return spoken ? of : '-'; };
  return {letter(Arithmetic<Number>, 'a'), letter(Rooted<Number>, 'r'),
          letter(Fused<Number>, 'f'),      letter(Decaying<Number>, 'd'),
          letter(Maximal<Number>, 'm'),    letter(Clipping<Number>, 'c'),
          letter(Choosing<Number>, 'p')};
}

using Doubles = fast::HWY_NAMESPACE::Doubles;
using Vector = fast::HWY_NAMESPACE::Lanes<hwy::HWY_NAMESPACE::ScalableTag<float>>;

// These run whole lanes in words of their own.
static_assert(LaneNumber<Vector>);
static_assert(LaneNumber<Ball<float>> && LaneNumber<Ball<double>>);
static_assert(LaneNumber<Magnitude<reference::Real>>);
static_assert(LaneNumber<Expression>);
static_assert(LaneNumber<Altered>);
static_assert(LaneNumber<Watched>);
static_assert(LaneNumber<drift::Rounded>);
static_assert(LaneNumber<drift::Traced>);
static_assert(LaneNumber<drift::BallRow<float>> && LaneNumber<drift::BallRow<double>>);

// These speak less, each for its reason (proofs/numbers/README.md).
static_assert(!LaneNumber<Symbol>);
static_assert(!LaneNumber<AnyOrder<float>>);
static_assert(!LaneNumber<Certified>);
static_assert(!LaneNumber<drift::TruthRow>);
static_assert(!LaneNumber<compare::Float>);

// The coefficients' types have only what coefficients take. They live beside the definitions of
// fast/lanes/lanes.hpp, so that the words after fma are found, but not all of these compile.
static_assert(vocabulary::Arithmetic<Doubles> && vocabulary::Rooted<Doubles> &&
              vocabulary::Fused<Doubles>);
static_assert(vocabulary::Arithmetic<fast::DoubleDouble> && vocabulary::Rooted<fast::DoubleDouble>);
static_assert(!LaneNumber<fast::DoubleDouble>);  // no fma

// These leave decay and the selections to fast/lanes/lanes.hpp.
static_assert(!LaneNumber<float> && !LaneNumber<double> && !LaneNumber<reference::Real>);

/// A type that lost a word, planted to be noticed.
struct WithoutAMaximum {
  [[maybe_unused]] friend WithoutAMaximum operator-(WithoutAMaximum a) { return a; }
  [[maybe_unused]] friend WithoutAMaximum operator+(WithoutAMaximum a, WithoutAMaximum) {
    return a;
  }
  [[maybe_unused]] friend WithoutAMaximum operator-(WithoutAMaximum a, WithoutAMaximum) {
    return a;
  }
  [[maybe_unused]] friend WithoutAMaximum operator*(WithoutAMaximum a, WithoutAMaximum) {
    return a;
  }
  [[maybe_unused]] friend WithoutAMaximum operator/(WithoutAMaximum a, WithoutAMaximum) {
    return a;
  }
  [[maybe_unused]] friend WithoutAMaximum sqrt(WithoutAMaximum a) { return a; }
  [[maybe_unused]] friend WithoutAMaximum fma(WithoutAMaximum a, WithoutAMaximum, WithoutAMaximum) {
    return a;
  }
  [[maybe_unused]] friend WithoutAMaximum decay(WithoutAMaximum, WithoutAMaximum a) { return a; }
  [[maybe_unused]] friend WithoutAMaximum at_least_zero(WithoutAMaximum a) { return a; }
  [[maybe_unused]] friend WithoutAMaximum where_positive(WithoutAMaximum, WithoutAMaximum a) {
    return a;
  }
};
static_assert(!LaneNumber<WithoutAMaximum>);

TEST(LaneNumbers, EachTypeSpeaksTheWordsThatThePageSays) {
  EXPECT_EQ(words<Vector>(), "arfdmcp");
  EXPECT_EQ(words<Ball<float>>(), "arfdmcp");
  EXPECT_EQ(words<Magnitude<reference::Real>>(), "arfdmcp");
  EXPECT_EQ(words<Expression>(), "arfdmcp");
  EXPECT_EQ(words<Altered>(), "arfdmcp");
  EXPECT_EQ(words<AnyOrder<float>>(), "ar--m-p");
  EXPECT_EQ(words<Symbol>(), "ar--m-p");
  EXPECT_EQ(words<Certified>(), "ar--m-p");
  EXPECT_EQ(words<Watched>(), "arfdmcp");
  EXPECT_EQ(words<drift::Rounded>(), "arfdmcp");
  EXPECT_EQ(words<drift::Traced>(), "arfdmcp");
  EXPECT_EQ(words<drift::BallRow<float>>(), "arfdmcp");
  EXPECT_EQ(words<drift::TruthRow>(), "ar--m-p");
  EXPECT_EQ(words<compare::Float>(), "ar-----");
  EXPECT_EQ(words<float>(), "arf----");
  EXPECT_EQ(words<WithoutAMaximum>(), "arfd-cp");
}

Ball<float> ball(float value, double radius) {
  Ball<float> made(value);
  made.radius = radius;
  return made;
}

/// (1 - w) v, each within its radius; what is exactly zero rounds nothing.
TEST(LaneNumbers, ABallDecaysWithinItsRadius) {
  const auto decayed = decay(ball(0.25f, 0x1p-10), ball(3, 0x1p-8));
  EXPECT_EQ(decayed.value, 2.25f);
  EXPECT_EQ(decayed.magnitude, 3.75);
  EXPECT_EQ(decayed.radius,
            (0.75 * 0x1p-8 + 0x1p-10 * (3 + 0x1p-8) + 0x1p-23) * Ball<float>::inflation);
  EXPECT_EQ(decay(ball(0, 0), ball(3, 0x1p-8)).radius, 0x1p-8 * Ball<float>::inflation);
  EXPECT_EQ(decay(ball(0.25f, 0x1p-10), ball(0, 0)).radius, 0);
}

/// An x within its radius of 0 may be 0, of which the choice is another.
TEST(LaneNumbers, ABallChoosesWhereItsSignIsKnown) {
  EXPECT_EQ(where_positive(ball(1, 0.5), ball(5, 0.25)).radius, 0.25);
  EXPECT_FALSE(where_positive(ball(1, 1), ball(5, 0.25)).bounded());
  EXPECT_EQ(where_positive(ball(0, 0), ball(5, 0.25)).radius, 0);
}

TEST(LaneNumbers, AMagnitudeHasNoSign) {
  for (const double x : {0.5, -0.5, 0.0, 2.0})
    EXPECT_EQ(Magnitude<reference::Real>(x).size, std::fabs(x)) << x;
}

/// The bound of its page, 24 u^2 |a / b| and 6 u^2 sqrt a, beside what the operands' radii make.
TEST(LaneNumbers, ACertifiedQuotientAndRootHaveTheirBounds) {
  constexpr double uu = Certified::u * Certified::u;
  const Certified third = Certified(1) / Certified(3);
  EXPECT_EQ(third.radius, 24 * uu * third.high * Certified::inflation);
  const Certified two(2, 0, 0x1p-90), root = sqrt(two);
  const double bound = two.radius / root.high + 6 * uu * root.high;
  EXPECT_GE(root.radius, bound);
  EXPECT_LE(root.radius, bound * (1 + 0x1p-46));
}

TEST(LaneNumbers, AnExpressionKnowsItsLiteralAndItsSign) {
  EXPECT_EQ(Expression().term(), "Var \"0\"");
  const auto any = Expression::variable("x"), size = Expression::variable("y", Range::non_negative);
  EXPECT_TRUE(maximum(any, size).non_negative());
  EXPECT_TRUE(maximum(size, any).non_negative());
  EXPECT_FALSE(maximum(any, any).non_negative());
}

}  // namespace
}  // namespace truestep::test
