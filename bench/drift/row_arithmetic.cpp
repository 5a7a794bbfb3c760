// SPDX-License-Identifier: Apache-2.0
#include "row_arithmetic.hpp"

#include <bit>
#include <cmath>

#include "rounded.hpp"
#include "runs/instructions.hpp"

namespace truestep::drift {
namespace {

/// An exact result as far as rounding needs it.
struct Parts {
  double high, low;  ///< whose sum it is, or low's sign is that of the rest
  double in_double;  ///< rounded to a double
  bool ordinary;     ///< no operand is 0 that makes it exact
  bool safe;         ///< nothing left the range in which the above holds
};

constexpr double least = 0x1p-900, greatest = 0x1p900;

bool small(double x) { return std::fabs(x) <= greatest; }
bool in_range(double x) { return (std::fabs(x) >= least) & small(x); }

struct Two {
  double high, low;
};

Two two_sum(double a, double b) {
  const double sum = a + b, part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

Parts sum_of(double a, double b) {
  const auto [high, low] = two_sum(a, b);
  return {high, low, high, bool((a != 0) & (b != 0)), bool(small(a) & small(b))};
}

Parts product_of(double a, double b) {
  const double high = a * b;
  const bool ordinary = (a != 0) & (b != 0);
  return {high, std::fma(a, b, -high), high, ordinary,
          bool(small(a) & small(b) & small(high) & ((std::fabs(high) >= least) | !ordinary))};
}

Parts quotient_of(double a, double b) {
  const double high = a / b;
  const bool ordinary = a != 0;
  return {high, std::fma(-high, b, a) / b, high, ordinary,
          bool(in_range(b) & ((in_range(a) & in_range(high)) | !ordinary))};
}

Parts root_of(double a) {
  const double high = std::sqrt(a);
  const bool ordinary = a != 0;
  return {high, ordinary ? std::fma(-high, high, a) / (2 * high) : 0, high, ordinary,
          bool(((a >= least) & (a <= greatest)) | !ordinary)};
}

/// The product's rounding error and that of its sum with c are added without another.
Parts fma_of(double a, double b, double c) {
  const Parts ab = product_of(a, b);
  const auto [sum, rest] = two_sum(ab.high, c);
  const auto [rests, beyond] = two_sum(rest, ab.low);
  const auto [high, low] = two_sum(sum, rests);
  return {ab.ordinary ? high : sum, low + beyond, std::fma(a, b, c), ab.ordinary,
          bool(ab.safe & small(c))};
}

// Members of RowArithmetic hide the words of Rounded.
Rounded rounded_root(const Rounded& a) { return sqrt(a); }
Rounded rounded_fma(const Rounded& a, const Rounded& b, const Rounded& c) { return fma(a, b, c); }
Rounded rounded_decay(const Rounded& weight, const Rounded& a) { return decay(weight, a); }

/// The double next to high that is odd, on low's side, unless high is odd or exact.
double made_odd(double high, double low) {
  const auto bits = std::bit_cast<std::int64_t>(high);
  const std::int64_t moves = ~bits & static_cast<std::int64_t>(low != 0);
  const std::int64_t outward = (low > 0) == (high > 0) ? 1 : -1;
  return std::bit_cast<double>(bits + moves * outward);
}

}  // namespace

RowArithmetic::RowArithmetic(const Arithmetic& arithmetic)
    : arithmetic_(arithmetic),
      fast_(arithmetic.rounding() == Rounding::nearest_even),
      in_double_(false) {
  const Format& format = arithmetic.format();
  in_double_ = format.significand_bits == 53 && format.least_exponent == -1022 &&
               format.greatest_exponent == 1023 && format.subnormals;
  const bool narrow = format.significand_bits <= 51 && format.subnormals &&
                      format.least_exponent >= -800 && format.greatest_exponent <= 800;
  fast_ = fast_ && (in_double_ || narrow);
  least_normal_ = std::ldexp(1.0, format.least_exponent);
  least_bits_ = std::bit_cast<std::int64_t>(least_normal_);
  to_magic_ = static_cast<std::uint64_t>(53 - format.significand_bits) << 52;
}

std::uint64_t RowArithmetic::place(std::size_t column) const {
  return mix(mix(mix(first_ + column) + step_) + done_);
}

/// Adding 1.5 times a power of two to a number and taking it away again rounds it to a multiple of
/// that power's last place, half of them to even, which is the spacing of the format there.
template <bool in_double, class Parts>
void RowArithmetic::each_fast(Row& result, Row& error, Parts parts,
                              std::array<std::int64_t, row_size>& strange) {
  const double largest = arithmetic_.largest(), least_normal = least_normal_;
  const std::int64_t least_bits = least_bits_;
  const std::uint64_t to_magic = to_magic_;
  const std::size_t columns = columns_;
  std::int64_t underflows = 0, subnormals = 0;
  runs::run_best([&] {
    for (std::size_t i = 0; i < columns; ++i) {
      const auto exact = parts(i);
      double rounded = exact.in_double;
      if constexpr (!in_double) {
        const double odd = made_odd(exact.high, exact.low);
        const std::int64_t exponent =
            std::bit_cast<std::int64_t>(odd) & std::int64_t{0x7ff0'0000'0000'0000};
        const std::int64_t spaced = exponent > least_bits ? exponent : least_bits;
        // That of an infinity wraps round, and nothing that comes of it is used.
        const double magic =
            1.5 * std::bit_cast<double>(static_cast<std::uint64_t>(spaced) + to_magic);
        rounded = std::copysign((odd + magic) - magic, odd);
      }
      const double off = (rounded - exact.high) - exact.low;
      const bool usual = exact.safe & (std::fabs(rounded) <= largest);
      const bool below = (std::fabs(rounded) < least_normal) & usual & exact.ordinary;
      result[i] = exact.ordinary ? rounded : exact.high;
      error[i] = exact.ordinary ? off : 0;
      underflows += static_cast<std::int64_t>(below & (off != 0));
      subnormals += static_cast<std::int64_t>(below & (rounded != 0));
      strange[i] = static_cast<std::int64_t>(!usual);
    }
  });
  arithmetic_.count(
      {static_cast<std::uint64_t>(underflows), 0, static_cast<std::uint64_t>(subnormals)});
}

template <class Parts, class Scalar>
void RowArithmetic::each(Row& result, Row& error, Parts parts, Scalar scalar) {
  std::array<std::int64_t, row_size> strange;
  if (fast_ && in_double_)
    each_fast<true>(result, error, parts, strange);
  else if (fast_)
    each_fast<false>(result, error, parts, strange);
  else
    strange.fill(1);
  const bool draws = arithmetic_.rounding() == Rounding::stochastic;
  const auto operand = [&](double x) { return Rounded::operand(arithmetic_, x); };
  for (std::size_t i = 0; i < columns_; ++i) {
    if (strange[i] == 0) continue;
    if (draws) arithmetic_.go_to(place(i));
    result[i] = scalar(operand, i);
    error[i] = arithmetic_.error();
  }
  ++done_;
}

void RowArithmetic::sum(const Row& a, const Row& b, Row& result, Row& error) {
  each(
      result, error, [&](std::size_t i) { return sum_of(a[i], b[i]); },
      [&](auto of, std::size_t i) { return (of(a[i]) + of(b[i])).value(); });
}

void RowArithmetic::difference(const Row& a, const Row& b, Row& result, Row& error) {
  each(
      result, error, [&](std::size_t i) { return sum_of(a[i], -b[i]); },
      [&](auto of, std::size_t i) { return (of(a[i]) - of(b[i])).value(); });
}

void RowArithmetic::product(const Row& a, const Row& b, Row& result, Row& error) {
  each(
      result, error, [&](std::size_t i) { return product_of(a[i], b[i]); },
      [&](auto of, std::size_t i) { return (of(a[i]) * of(b[i])).value(); });
}

void RowArithmetic::quotient(const Row& a, const Row& b, Row& result, Row& error) {
  each(
      result, error, [&](std::size_t i) { return quotient_of(a[i], b[i]); },
      [&](auto of, std::size_t i) { return (of(a[i]) / of(b[i])).value(); });
}

void RowArithmetic::root(const Row& a, Row& result, Row& error) {
  each(
      result, error, [&](std::size_t i) { return root_of(a[i]); },
      [&](auto of, std::size_t i) { return rounded_root(of(a[i])).value(); });
}

void RowArithmetic::fma(const Row& a, const Row& b, const Row& c, Row& result, Row& error) {
  each(
      result, error, [&](std::size_t i) { return fma_of(a[i], b[i], c[i]); },
      [&](auto of, std::size_t i) { return rounded_fma(of(a[i]), of(b[i]), of(c[i])).value(); });
}

void RowArithmetic::decay(const Row& weight, const Row& a, Row& result, Row& error) {
  each(
      result, error, [&](std::size_t i) { return fma_of(-weight[i], a[i], a[i]); },
      [&](auto of, std::size_t i) {
        const Rounded w = of(weight[i]), v = of(a[i]);
        return rounded_decay(w, v).value();
      });
}

void RowArithmetic::round(const Row& a, Row& result, Row& error) {
  each(
      result, error,
      [&](std::size_t i) {
        return Parts{a[i], 0, a[i], a[i] != 0, small(a[i])};
      },
      [&](auto, std::size_t i) { return arithmetic_.round(a[i]); });
}

}  // namespace truestep::drift
