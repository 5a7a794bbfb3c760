// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>

namespace truestep::drift {

__extension__ typedef unsigned __int128 Integer;

inline int bit_width(Integer n) {
  const auto high = static_cast<std::uint64_t>(n >> 64);
  return high != 0 ? 64 + static_cast<int>(std::bit_width(high))
                   : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n)));
}

/// The exact result of an operation on finite doubles that are not zero:
/// (integer + rest) 2^exponent, where 0 < rest < 1 if `more`, else rest = 0.
///
/// Where there is more, the integer has at least 117 bits: 64 beyond any significand, so that every
/// rounding is decided by integer and by `more`, and nothing is rounded twice.
struct Exact {
  bool negative;
  int exponent;
  Integer integer;
  bool more = false;

  static Exact of(double x) {
    constexpr auto hidden_bit = std::uint64_t{1} << 52;
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const auto biased = static_cast<int>(bits >> 52 & 0x7ff);
    const std::uint64_t fraction = bits % hidden_bit;
    return {std::signbit(x), std::max(biased, 1) - 1075,
            biased != 0 ? fraction + hidden_bit : fraction};
  }

  /// To the precision of a double, and within its range.
  double approximately() const {
    const double size = std::ldexp(static_cast<double>(integer), exponent);
    return negative ? -size : size;
  }

  /// The exponent of the leading bit.
  int leading() const { return exponent + bit_width(integer) - 1; }

  /// The product of two doubles has at most 106 bits.
  friend Exact product(const Exact& a, const Exact& b) {
    return {a.negative != b.negative, a.exponent + b.exponent, a.integer * b.integer};
  }

  /// The sum of doubles or their products. The larger is shifted left until it has 126 bits. If
  /// bits of the other then lie beyond the last place, it is at least 20 bits shorter, and the sum
  /// keeps 125.
  friend Exact sum(Exact a, Exact b) {
    if (a.leading() < b.leading()) std::swap(a, b);
    const int room = 126 - bit_width(a.integer);
    a.integer <<= room;
    a.exponent -= room;
    const int beyond = a.exponent - b.exponent;
    bool cut = false;
    if (beyond <= 0) {
      b.integer <<= -beyond;
    } else {
      const Integer kept = beyond < 128 ? b.integer >> beyond : 0;
      cut = beyond >= 128 || kept << beyond != b.integer;
      b.integer = kept;
    }
    b.exponent = a.exponent;
    if (a.negative == b.negative) return {a.negative, a.exponent, a.integer + b.integer, cut};
    if (a.integer < b.integer) std::swap(a, b);
    // What was cut off the subtrahend makes the difference smaller, by less than one.
    const Integer difference = a.integer - b.integer - cut;
    return {a.negative && difference != 0, a.exponent, difference, cut};
  }

  /// The quotient of doubles, by long division with two digits of 63 and 64 bits.
  friend Exact quotient(const Exact& a, const Exact& b) {
    const int room_a = 64 - bit_width(a.integer), room_b = 64 - bit_width(b.integer);
    const Integer divisor = b.integer << room_b;
    Integer rest = a.integer << room_a << 63;
    const Integer high = rest / divisor;
    rest = (rest - high * divisor) << 64;
    const Integer low = rest / divisor;
    return {a.negative != b.negative, a.exponent - room_a - (b.exponent - room_b) - 127,
            (high << 64) + low, low * divisor != rest};
  }

  /// The root of a positive double: 63 bits by the processor, then 60 more, d 2^-60 in
  /// n = (root + d 2^-60)^2. With rest = n - root^2 that is rest 2^60 = 2 root d + d^2 2^-60, whose
  /// last term is at most 1, so that d is the integer part of rest 2^60 / (2 root) or one less.
  friend Exact root(const Exact& a) {
    int room = 126 - bit_width(a.integer);
    if ((a.exponent - room) % 2 != 0) --room;
    const Integer n = a.integer << room;
    auto whole = static_cast<Integer>(std::sqrt(static_cast<long double>(n)));
    while (whole * whole > n) --whole;
    while ((whole + 1) * (whole + 1) <= n) ++whole;
    Integer rest = (n - whole * whole) << 60;
    Integer digit = rest / (2 * whole);
    rest -= digit * 2 * whole;
    if (rest << 60 < digit * digit) --digit, rest += 2 * whole;
    return {false, (a.exponent - room) / 2 - 60, (whole << 60) + digit,
            rest << 60 != digit * digit};
  }
};

}  // namespace truestep::drift
