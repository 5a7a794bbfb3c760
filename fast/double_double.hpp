#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace truestep::fast {

/// An unevaluated sum high + low with |low| <= ulp(high) / 2: about 106 significant bits out of
/// IEEE double operations alone, hence the same bits on every machine.
///
/// Error of + - * / and sqrt: at most 2^-102 relative (Joldes, Muller, Popescu 2017, algorithms
/// AccurateDWPlusDW, DWPlusFP, DWTimesDW1, DWDivDW2; Lefevre, Louvet, Muller, Picot, Rideau 2023
/// for sqrt), while no operand or partial product leaves the normal range; the coefficients stay
/// within [2^-54, 2^54].
struct DoubleDouble {
  double high = 0, low = 0;

  DoubleDouble(double value = 0) : high(value) {}
  DoubleDouble(double h, double l) : high(h), low(l) {}
};

/// a + b exactly.
inline DoubleDouble two_sum(double a, double b) {
  const double sum = a + b, b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

/// a + b exactly, for |a| >= |b|.
inline DoubleDouble fast_two_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

/// a * b exactly.
inline DoubleDouble two_product(double a, double b) {
  const double product = a * b;
  return {product, std::fma(a, b, -product)};
}

inline DoubleDouble operator-(DoubleDouble a) { return {-a.high, -a.low}; }

inline DoubleDouble operator+(DoubleDouble a, DoubleDouble b) {
  const auto high = two_sum(a.high, b.high), low = two_sum(a.low, b.low);
  const auto sum = fast_two_sum(high.high, high.low + low.high);
  return fast_two_sum(sum.high, sum.low + low.low);
}

inline DoubleDouble operator-(DoubleDouble a, DoubleDouble b) { return a + -b; }

inline DoubleDouble operator-(double a, DoubleDouble b) {
  const auto sum = two_sum(a, -b.high);
  return fast_two_sum(sum.high, sum.low - b.low);
}

inline DoubleDouble operator*(DoubleDouble a, DoubleDouble b) {
  const auto product = two_product(a.high, b.high);
  return fast_two_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

inline DoubleDouble operator/(DoubleDouble a, DoubleDouble b) {
  const double quotient = a.high / b.high;
  const DoubleDouble product = b * quotient;
  const double rest = (a.high - product.high) + (a.low - product.low);
  return fast_two_sum(quotient, rest / b.high);
}

inline DoubleDouble sqrt(DoubleDouble a) {
  const double root = std::sqrt(a.high);
  const DoubleDouble rest = a - two_product(root, root);
  return fast_two_sum(root, rest.high / (2 * root));
}

/// 1 - base^t of each base in [0, 1), for t >= 1, to a relative error of at most 2^-95.
///
/// With q_n = 1 - base^n: q_2n = 2 q_n - q_n^2 and q_(m+n) = q_n + (1 - q_n) q_m. No step subtracts
/// nearly equal numbers, and neither magnifies the relative error of its operands, so that at most
/// 64 steps on top of each other for t <= 2^63 add their own errors, 17 x 2^-106 each, and nothing
/// more (proofs/theory/Coefficients.v, PoweringSteps.v).
///
/// All bases take each step together, since the time is that of a chain of dependent operations.
template <std::size_t size>
std::array<DoubleDouble, size> one_minus_power(const std::array<double, size>& base,
                                               std::uint64_t t) {
  std::array<DoubleDouble, size> power, result;
  for (std::size_t i = 0; i < size; ++i) power[i] = two_sum(1, -base[i]);
  for (;; t >>= 1) {
    if (t & 1)
      for (std::size_t i = 0; i < size; ++i) {
        const auto rest = 1 - power[i];
        const auto product = two_product(rest.high, result[i].high);
        const auto sum = two_sum(power[i].high, product.high);
        const double low = product.low + (rest.high * result[i].low + rest.low * result[i].high);
        result[i] = fast_two_sum(sum.high, sum.low + (power[i].low + low));
      }
    if (t == 1) return result;
    for (std::size_t i = 0; i < size; ++i) {
      const auto square = two_product(power[i].high, power[i].high);
      const auto sum = fast_two_sum(2 * power[i].high, -square.high);
      const double low = 2 * (power[i].low - power[i].high * power[i].low);
      power[i] = fast_two_sum(sum.high, (sum.low - square.low) + low);
    }
  }
}

/// value * 2^exponent rounded to the nearest T once: a double that is to become a float is first
/// rounded to odd, which makes the second rounding harmless. Below the smallest normal double the
/// result is within 1 ulp.
template <class T>
T round_to(DoubleDouble value, int exponent = 0) {
  double nearest = value.high + value.low;
  if constexpr (sizeof(T) < sizeof(double)) {
    const double rest = (value.high - nearest) + value.low;
    // The bits of a double are ordered like its absolute value.
    const auto bits = std::bit_cast<std::uint64_t>(nearest);
    if (rest != 0 && bits % 2 == 0)
      nearest = std::bit_cast<double>((rest > 0) == (nearest > 0) ? bits + 1 : bits - 1);
  }
  return static_cast<T>(exponent == 0 ? nearest : std::ldexp(nearest, exponent));
}

/// Unrounded, for a format that only the caller knows.
template <>
inline DoubleDouble round_to(DoubleDouble value, int exponent) {
  return {std::ldexp(value.high, exponent), std::ldexp(value.low, exponent)};
}

}  // namespace truestep::fast
