// SPDX-License-Identifier: Apache-2.0
// Rows of numbers are the numbers, column by column and bit by bit: the arithmetic of a format, the
// radius of a kernel and the truth.

#include <gtest/gtest.h>

#include <truestep/proofs/numbers/ball.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "audited.hpp"
#include "ball_row.hpp"
#include "row_arithmetic.hpp"
#include "rounded.hpp"
#include "truth_row.hpp"

namespace truestep::drift {
namespace {

/// Numbers by bit pattern, of ordinary exponents, near each other, of few bits, and 0.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : at_(seed) {}

  std::uint64_t bits() { return mix(at_++); }

  double next(int least_exponent, int greatest_exponent) {
    const std::uint64_t kind = bits() % 16;
    if (kind == 0) return 0;
    if (kind == 1) return std::bit_cast<double>(bits());
    std::uint64_t significand = bits() >> 12;
    if (kind < 5) significand &= ~std::uint64_t{0} << 40;
    if (kind == 5) return last_ = std::nextafter(last_, 1e300);
    const auto range = static_cast<std::uint64_t>(greatest_exponent - least_exponent + 1);
    const int exponent = least_exponent + static_cast<int>(bits() % range);
    const double size = std::ldexp(1 + static_cast<double>(significand) * 0x1p-52, exponent);
    return last_ = bits() % 2 == 0 ? size : -size;
  }

  Row row(int least_exponent, int greatest_exponent) {
    Row row;
    for (double& x : row) x = next(least_exponent, greatest_exponent);
    return row;
  }

 private:
  std::uint64_t at_;
  double last_ = 1;
};

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) ||
         std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

/// The error of an operation is told to a double's precision, but for what Rounded cuts off: its
/// exact results have 117 bits where they have more, and what it adds to round up to a subnormal
/// number is a difference of doubles.
bool same_error(double a, double b, double result, const Format& format) {
  const bool is_subnormal = std::fabs(result) <= std::ldexp(1.0, format.least_exponent);
  const double cut = is_subnormal ? 0x1p-52 : 0x1p-115;
  return same(a, b) || std::fabs(a - b) <= 0x1p-50 * std::fabs(b) + cut * std::fabs(result);
}

/// The first operation whose row is not what Rounded makes of each column, or "".
std::string first_difference(const Format& format, Rounding rounding, std::uint64_t seed,
                             int operation_planted = -1) {
  const int least = std::max(format.least_exponent - 30, -1020);
  const int greatest = std::min(format.greatest_exponent + 3, 1020);
  Numbers numbers(seed);
  RowArithmetic rows{Arithmetic(format, rounding, seed)};
  Arithmetic scalar(format, rounding, seed);
  for (int round = 0; round < 60; ++round) {
    const int middle =
        least + static_cast<int>(numbers.bits() % static_cast<std::uint64_t>(greatest - least + 1));
    const int low = std::max(least, middle - 40), high = std::min(greatest, middle + 40);
    const Row a = numbers.row(low, high), b = numbers.row(low, high), c = numbers.row(low, high);
    for (int operation = 0; operation < 8; ++operation) {
      rows.begin_step(static_cast<std::uint64_t>(round * 8 + operation));
      Row result, error;
      const int done = operation == operation_planted ? (operation + 1) % 8 : operation;
      switch (done) {
        case 0:
          rows.sum(a, b, result, error);
          break;
        case 1:
          rows.difference(a, b, result, error);
          break;
        case 2:
          rows.product(a, b, result, error);
          break;
        case 3:
          rows.quotient(a, b, result, error);
          break;
        case 4:
          rows.root(a, result, error);
          break;
        case 5:
          rows.fma(a, b, c, result, error);
          break;
        case 6:
          rows.decay(a, b, result, error);
          break;
        default:
          rows.round(a, result, error);
      }
      for (std::size_t i = 0; i < row_size; ++i) {
        const auto of = [&](double x) { return Rounded::operand(scalar, x); };
        const auto place = mix(mix(mix(i) + static_cast<std::uint64_t>(round * 8 + operation)));
        scalar.go_to(place);
        double expected = 0;
        switch (operation) {
          case 0:
            expected = (of(a[i]) + of(b[i])).value();
            break;
          case 1:
            expected = (of(a[i]) - of(b[i])).value();
            break;
          case 2:
            expected = (of(a[i]) * of(b[i])).value();
            break;
          case 3:
            expected = (of(a[i]) / of(b[i])).value();
            break;
          case 4:
            expected = sqrt(of(a[i])).value();
            break;
          case 5:
            expected = fma(of(a[i]), of(b[i]), of(c[i])).value();
            break;
          case 6:
            expected = decay(of(a[i]), of(b[i])).value();
            break;
          default:
            expected = scalar.round(a[i]);
        }
        if (!same(result[i], expected) || !same_error(error[i], scalar.error(), expected, format))
          return fmt::format(
              "operation {} of {:a}, {:a}, {:a} in {}: {:a} off by {:a}, not {:a} "
              "off by {:a}",
              operation, a[i], b[i], c[i], format.name, result[i], error[i], expected,
              scalar.error());
      }
    }
  }
  const OutOfRange counted = rows.out_of_range(), expected = scalar.out_of_range();
  if (counted.underflows != expected.underflows || counted.overflows != expected.overflows ||
      counted.subnormals != expected.subnormals)
    return fmt::format("counts {}, {}, {} in {}, not {}, {}, {}", counted.underflows,
                       counted.overflows, counted.subnormals, format.name, expected.underflows,
                       expected.overflows, expected.subnormals);
  return "";
}

TEST(Rows, AreWhatRoundedMakesOfEachColumn) {
  std::vector<Format> all(formats.begin(), formats.end());
  for (const char* other :
       {"51:-800:800", "52:-800:800", "53:-1000:1000", "2:0:1", "24:-126:127:flush"})
    all.push_back(format(other));
  for (Format each : all) {
    EXPECT_EQ(first_difference(each, Rounding::nearest_even, 1), "");
    each.saturates = true;
    EXPECT_EQ(first_difference(each, Rounding::nearest_even, 2), "");
    EXPECT_EQ(first_difference(each, Rounding::toward_zero, 3), "");
    EXPECT_EQ(first_difference(each, Rounding::stochastic, 4), "");
  }
}

TEST(Rows, ThatAreOfAnotherOperationAreNoticed) {
  for (int operation = 0; operation < 8; ++operation)
    EXPECT_NE(first_difference(format("float"), Rounding::nearest_even, 1, operation), "")
        << operation;
}

/// The first operation of BallRow<T> that is not Ball's, or "". Float's radii have the same bits;
/// double's may be larger by 2^-46 of themselves, which is what two of them may be rounded by, and
/// by the least double, to which one is rounded up.
template <class T>
std::string first_other_ball(std::uint64_t seed, int least, int greatest, bool planted = false) {
  using Ball = proofs::Ball<T>;
  Numbers numbers(seed);
  constexpr bool is_float = sizeof(T) == sizeof(float);
  for (int round = 0; round < 200; ++round) {
    std::array<std::vector<T>, 3> value;
    std::array<std::vector<double>, 3> radius;
    for (std::size_t operand = 0; operand < 3; ++operand)
      for (std::size_t i = 0; i < row_size; ++i) {
        value[operand].push_back(static_cast<T>(numbers.next(least, greatest)));
        const double size = std::fabs(double{value[operand].back()});
        const double share =
            numbers.bits() % 4 == 0 ? 0 : std::ldexp(1.0, -static_cast<int>(numbers.bits() % 60));
        radius[operand].push_back(std::isfinite(size) ? size * share : 0);
      }
    const auto row = [&](std::size_t operand) {
      return BallRow<T>(std::span<const T>(value[operand]), radius[operand]);
    };
    const BallRow<T> a = row(0), b = row(1), c = row(2);
    const std::vector<BallRow<T>> results{-a,
                                          a + b,
                                          a - b,
                                          planted ? a * c : a * b,
                                          a / b,
                                          sqrt(a),
                                          fma(a, b, c),
                                          decay(a, b),
                                          maximum(a, b),
                                          at_least_zero(a),
                                          where_positive(a, b)};
    for (std::size_t i = 0; i < row_size; ++i) {
      const auto ball = [&](std::size_t operand) {
        Ball one(value[operand][i]);
        one.radius = radius[operand][i];
        return one;
      };
      const Ball x = ball(0), y = ball(1), z = ball(2);
      const std::vector<Ball> expected{-x,
                                       x + y,
                                       x - y,
                                       x * y,
                                       x / y,
                                       sqrt(x),
                                       fma(x, y, z),
                                       decay(x, y),
                                       maximum(x, y),
                                       at_least_zero(x),
                                       where_positive(x, y)};
      for (std::size_t operation = 0; operation < expected.size(); ++operation) {
        const auto& now = results[operation].row();
        const auto wide = expected[operation].radius;
        const bool bounded = expected[operation].bounded();
        bool is_same = same(double{now.value[i]}, double{expected[operation].value});
        if (!bounded)
          is_same &= !results[operation].bounded(i);
        else if (is_float)
          is_same &= now.radius[i] == static_cast<double>(wide);
        else
          is_same &=
              static_cast<long double>(now.radius[i]) >= wide * (1 - 0x1p-47L) &&
              (static_cast<long double>(now.radius[i]) <= wide * (1 + 0x1p-46L) + 0x1p-1074L ||
               !results[operation].bounded(i));
        if (!is_same)
          return fmt::format(
              "operation {} of {:a} +- {:a} and {:a} +- {:a}: {:a} +- {:a}, not {:a} "
              "+- {:a}",
              operation, double{x.value}, radius[0][i], double{y.value}, radius[1][i],
              double{now.value[i]}, now.radius[i], double{expected[operation].value},
              static_cast<double>(wide));
      }
    }
  }
  return "";
}

TEST(Rows, OfTruthChooseByTwoSigns) {
  const std::vector<double> x{1, 1, -1, -1, 0, 0, -0.5}, y{2, -2, 2, -2, 3, -3, 0};
  const TruthRow chosen = where_alike(TruthRow::of(x), TruthRow::of(y), TruthRow(5));
  const std::vector<double> expected{5, 0, 0, 5, 5, 0, 0};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(chosen.at(i).high, expected[i]) << i;
    EXPECT_EQ(chosen.at(i).radius, 0) << i;
  }
  // A third less a third computed otherwise is 0 within its radius alone.
  const TruthRow third = TruthRow(1) / TruthRow(3);
  const TruthRow unknown = TruthRow::of(x) * (third * TruthRow(3) - TruthRow(1));
  EXPECT_TRUE(std::isinf(where_alike(unknown, TruthRow::of(y), TruthRow(5)).at(0).radius));
  EXPECT_TRUE(std::isinf(where_alike(TruthRow::of(y), unknown, TruthRow(5)).at(0).radius));
}

TEST(Rows, HaveTheRadiusOfABall) {
  EXPECT_EQ(first_other_ball<float>(1, -149, 127), "");
  EXPECT_EQ(first_other_ball<float>(2, -10, 10), "");
  EXPECT_EQ(first_other_ball<double>(3, -20, 20), "");
  EXPECT_EQ(first_other_ball<double>(4, -460, -430), "");
  EXPECT_EQ(first_other_ball<double>(5, -1074, 1023), "");
  EXPECT_NE(first_other_ball<float>(6, -10, 10, true), "");
  EXPECT_NE(first_other_ball<double>(7, -10, 10, true), "");
}

/// An operation of a row is that of each certified number, and claims nothing where it left the
/// range; beside an exact 0 a sum has the other's radius.
TEST(Rows, AreCertifiedNumbers) {
  Numbers numbers(1);
  for (const int reach : {20, 1020})
    for (int round = 0; round < 200; ++round) {
      const Row x = numbers.row(-reach, reach), y = numbers.row(-reach, reach),
                z = numbers.row(-reach, reach);
      const TruthRow a = TruthRow::of(x) * TruthRow::of(y) + TruthRow::of(z), b = TruthRow::of(y);
      const TruthRow same_everywhere = 3;
      const std::vector<TruthRow> results{
          -a, a + b, a - b, a * b, a / b, sqrt(a), same_everywhere * a, a / same_everywhere};
      for (std::size_t i = 0; i < row_size; ++i) {
        const Certified p = a.at(i), q = b.at(i), three = 3;
        const std::vector<Certified> expected{-p,    p + q,   p - q,     p * q,
                                              p / q, sqrt(p), three * p, p / three};
        for (std::size_t operation = 0; operation < expected.size(); ++operation) {
          const Certified now = results[operation].at(i), then = expected[operation];
          if (!(now.radius < std::numeric_limits<double>::infinity())) {
            EXPECT_TRUE(reach > 100 || std::isnan(then.high) || std::isinf(then.high) ||
                        std::isinf(then.radius) || !(std::fabs(then.high) <= 0x1p900) ||
                        !(std::fabs(then.high) >= 0x1p-900) || std::isinf(p.radius) ||
                        !(std::fabs(q.high) < 0x1p900) || !(std::fabs(q.high) > 0x1p-900))
                << operation << " " << p.high << " " << q.high;
            continue;
          }
          EXPECT_TRUE(same(now.high, then.high) && same(now.low, then.low)) << operation;
          EXPECT_LE(now.radius, then.radius);
          EXPECT_GE(std::fabs(now.high), now.high == 0 ? 0 : 0x1p-900);
          if (p.high != 0 && q.high != 0) {
            EXPECT_EQ(now.radius, then.radius) << operation;
          }
        }
      }
    }
}

}  // namespace
}  // namespace truestep::drift
