// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <compare>
#include <concepts>
#include <cstdint>
#include <limits>

#include <truestep/reference/real.hpp>

namespace truestep::proofs {

/// A low part that is left out, planted to be noticed.
enum class Slip { none, product_of_highs, quotient_of_highs, half_of_the_root };

/// x^n, and a bound on its error, for exact x and n: half an ulp of low; all of a power that
/// underflows. Out of line, lest 50 digits be compiled into what shall become SIMD code.
struct CertifiedPower {
  double high, low, radius;

  [[gnu::noinline]] CertifiedPower(const reference::Real& x, const reference::Real& n) {
    constexpr double u = 0x1p-53;
    const reference::Real power = pow(x, n);
    high = static_cast<double>(power);
    low = static_cast<double>(reference::Real(power - high));
    radius = 2 * u * u * high + std::numeric_limits<double>::min();
  }
};

/// A double-double, high + low with |low| <= u |high|, u = 2^-53, and a rigorous bound on its
/// distance from the exact number: what the reference is evaluated in where 50 digits would take
/// too long. A loop over it becomes SIMD code, since it is doubles without branches.
///
/// Each operation adds to what its operands' radii become an error of its own, in u^2, to first
/// order and then with the bound used, which leaves room for the higher orders:
///
///   a + b    3 (|a| + |b|)   4    low parts within u |a| and u |b|; their sum and its sum with
///                                 the rounding of a.high + b.high are rounded, u |a| + u |b| and
///                                 twice that large at most; the rest is exact
///   a b      5 |a b|         6    Joldes, Muller, Popescu 2017, DWTimesDW2
///   a / b    20 |a / b|      24   q = a.high * inverse is within 2 u of a.high / b.high, so that
///                                 the rest a - q b is at most 4 u |a|: rounded in three places,
///                                 2 + 2 + 4; the product with the inverse adds 2 x 4, and b.high
///                                 for b 4
///   sqrt a   5.6 sqrt a      6    the rest a - r^2 of r = sqrt(a.high) is at most 3 u a: rounded
///                                 once, 1.5 after the division; the quotient rounded twice, 3; and
///                                 2 r for r + sqrt a, 1.1. Lefevre et al. 2023 prove less of the
///                                 like
///
/// This holds while nothing that is not 0 leaves [2^-900, 2^900]. Floats, and hyperparameters in
/// [2^-64, 2^64], keep each rule well within: the smallest, the share of a squared move in a mean
/// of such, is at least 2^-700.
///
/// The radius is computed in double, fewer than 16 roundings an operation, which `inflation`
/// covers. Zero is exact.
template <Slip slip>
struct CertifiedWith {
  static constexpr double u = 0x1p-53, inflation = 1 + 0x1p-48;

  double high = 0, low = 0, radius = 0;

  CertifiedWith() = default;
  CertifiedWith(double exact) : high(exact) {}
  template <std::integral Integer>
  CertifiedWith(Integer exact)
      : high(static_cast<double>(exact)),
        low(static_cast<double>(static_cast<std::int64_t>(exact - static_cast<Integer>(high)))) {}
  CertifiedWith(double h, double l, double r) : high(h), low(l), radius(r) {}
  // Number by number, because GCC 12 copies a trivial struct whole, and then has no SIMD for it.
  CertifiedWith(const CertifiedWith& a) : high(a.high), low(a.low), radius(a.radius) {}
  CertifiedWith& operator=(const CertifiedWith& a) {
    high = a.high;
    low = a.low;
    radius = a.radius;
    return *this;
  }

  friend CertifiedWith operator-(const CertifiedWith& a) { return {-a.high, -a.low, a.radius}; }

  friend CertifiedWith operator+(const CertifiedWith& a, const CertifiedWith& b) {
    const double sum = a.high + b.high, part = sum - a.high;
    const double rounded = (a.high - (sum - part)) + (b.high - part);
    const double rest = rounded + (a.low + b.low);
    const double own = 4 * u * u * (std::fabs(a.high) + std::fabs(b.high));
    return normalized(sum, rest, (a.radius + b.radius + own) * inflation);
  }
  friend CertifiedWith operator-(const CertifiedWith& a, const CertifiedWith& b) { return a + -b; }

  friend CertifiedWith operator*(const CertifiedWith& a, const CertifiedWith& b) {
    const double product = a.high * b.high;
    const double rounded = std::fma(a.high, b.high, -product);
    const double crossed = std::fma(a.low, b.high, a.high * b.low);
    const double rest = slip == Slip::product_of_highs ? rounded : rounded + crossed;
    const double inherited =
        std::fabs(a.high) * b.radius + (std::fabs(b.high) + b.radius) * a.radius;
    return normalized(product, rest, (inherited + 6 * u * u * std::fabs(product)) * inflation);
  }

  /// |a/b - A/B| <= (|A - a| + |a/b| |B - b|) / |B|. Nothing is claimed of a divisor that is not
  /// known so well that b stands for B in the bound, but for a quarter of what `inflation` covers.
  friend CertifiedWith operator/(const CertifiedWith& a, const CertifiedWith& b) {
    const double inverse = 1 / b.high, quotient = a.high * inverse;
    const double rest = std::fma(-quotient, b.high, a.high) + std::fma(-quotient, b.low, a.low);
    const double size = std::fabs(inverse);
    const double inherited = (a.radius + std::fabs(quotient) * b.radius) * size;
    const double bound = (inherited + 24 * u * u * std::fabs(quotient)) * inflation;
    const bool known = b.radius * size <= (inflation - 1) / 4;
    return normalized(quotient, slip == Slip::quotient_of_highs ? 0 : rest * inverse,
                      known ? bound : std::numeric_limits<double>::infinity());
  }

  /// |sqrt a - sqrt A| <= |a - A| / sqrt a. Nothing is claimed of the root of a zero that is not
  /// exact.
  friend CertifiedWith sqrt(const CertifiedWith& a) {
    const double root = std::sqrt(a.high);
    const double half = (slip == Slip::half_of_the_root ? 1 : 0.5) / root;
    const double rest = std::fma(-root, root, a.high) + a.low;
    const double bound = (2 * half * a.radius + 6 * u * u * root) * inflation;
    const double at_zero = a.radius > 0 ? std::numeric_limits<double>::infinity() : 0;
    const bool zero = root == 0;
    return normalized(root, zero ? 0 : rest * half, zero ? at_zero : bound);
  }

  /// The larger of the exact numbers may be the other, if both are near; its radius covers that.
  friend CertifiedWith maximum(const CertifiedWith& a, const CertifiedWith& b) {
    const bool second = (a < b) | (b.high != b.high);
    return {second ? b.high : a.high, second ? b.low : a.low,
            a.radius < b.radius ? b.radius : a.radius};
  }
  /// Nothing is claimed where the sign of x is not known.
  friend CertifiedWith where_positive(const CertifiedWith& x, const CertifiedWith& value) {
    const bool positive = x.high > 0, known = (std::fabs(x.high) > 2 * x.radius) | (x.radius == 0);
    return {positive ? value.high : 0, positive ? value.low : 0,
            !known     ? std::numeric_limits<double>::infinity()
            : positive ? value.radius
                       : 0};
  }

  /// In high precision: coefficients have it, once a step. By value, so that the compiler knows
  /// that what they are made of stays as it is.
  friend CertifiedWith pow(CertifiedWith x, CertifiedWith n) {
    using reference::Real;
    const CertifiedPower power(Real{x}, Real{n});
    const bool exact = x.radius == 0 && n.radius == 0;
    return {power.high, power.low, exact ? power.radius : std::numeric_limits<double>::infinity()};
  }

  friend bool operator==(const CertifiedWith& a, const CertifiedWith& b) {
    return a.high == b.high && a.low == b.low;
  }
  friend std::partial_ordering operator<=>(const CertifiedWith& a, const CertifiedWith& b) {
    const auto first = a.high <=> b.high;
    return first != 0 ? first : a.low <=> b.low;
  }

  explicit operator reference::Real() const { return reference::Real(high) + reference::Real(low); }

 private:
  /// Knuth's sum, which asks for no order.
  static CertifiedWith normalized(double a, double b, double bound) {
    const double sum = a + b, part = sum - a;
    return {sum, (a - (sum - part)) + (b - part), bound};
  }
};
using Certified = CertifiedWith<Slip::none>;

}  // namespace truestep::proofs
