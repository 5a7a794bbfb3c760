#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace truestep::fast {

/// An unevaluated sum high + low with |low| <= ulp(high) / 2: about 106 significant bits out of
/// IEEE double operations alone, hence the same bits on every machine.
///
/// Error of + - * / and sqrt: at most 2^-102 relative (Joldes, Muller, Popescu 2017, algorithms
/// AccurateDWPlusDW, DWTimesDW, DWDivDW; Lefevre, Louvet, Muller, Picot, Rideau 2023 for sqrt),
/// while no operand or partial product leaves the normal range; the coefficients stay within
/// [2^-54, 2^54].
struct DoubleDouble {
  double high = 0, low = 0;

  DoubleDouble(double value) : high(value) {}
  DoubleDouble(double h, double l) : high(h), low(l) {}
};

/// a + b exactly.
inline DoubleDouble two_sum(double a, double b) {
  const double sum = a + b, b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

/// a * b exactly.
inline DoubleDouble two_product(double a, double b) {
  const double product = a * b;
  return {product, std::fma(a, b, -product)};
}

inline DoubleDouble operator-(DoubleDouble a) { return {-a.high, -a.low}; }

inline DoubleDouble operator+(DoubleDouble a, DoubleDouble b) {
  const auto high = two_sum(a.high, b.high), low = two_sum(a.low, b.low);
  const auto sum = two_sum(high.high, high.low + low.high);
  return two_sum(sum.high, sum.low + low.low);
}

inline DoubleDouble operator-(DoubleDouble a, DoubleDouble b) { return a + -b; }

inline DoubleDouble operator*(DoubleDouble a, DoubleDouble b) {
  const auto product = two_product(a.high, b.high);
  return two_sum(product.high, product.low + std::fma(a.high, b.low, a.low * b.high));
}

inline DoubleDouble operator/(DoubleDouble a, DoubleDouble b) {
  const double first = a.high / b.high;
  const DoubleDouble rest = a - b * first;
  const double second = rest.high / b.high;
  const DoubleDouble rest2 = rest - b * second;
  return two_sum(first, second) + rest2.high / b.high;
}

inline DoubleDouble sqrt(DoubleDouble a) {
  const double root = std::sqrt(a.high);
  const DoubleDouble rest = a - two_product(root, root);
  return two_sum(root, rest.high / (2 * root));
}

/// 1 - base^t for base in [0, 1) and t >= 1, to a relative error of at most 2^-95.
///
/// With q_n = 1 - base^n: q_2n = q_n (2 - q_n) and q_(m+n) = q_m + q_n (1 - q_m). No step subtracts
/// nearly equal numbers, and neither magnifies the relative error of its operands, so that the
/// at most 126 steps for t <= 2^63 add their own errors of 2^-102, and nothing more.
inline DoubleDouble one_minus_power(double base, std::uint64_t t) {
  DoubleDouble power = two_sum(1, -base), result = 0;
  for (;; t >>= 1, power = power * (2 - power)) {
    if (t & 1) result = result + power * (1 - result);
    if (t == 1) return result;
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
    if (rest != 0 && std::bit_cast<std::uint64_t>(nearest) % 2 == 0)
      nearest = std::nextafter(nearest, rest > 0 ? INFINITY : -INFINITY);
  }
  return static_cast<T>(std::ldexp(nearest, exponent));
}

}  // namespace truestep::fast
