// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace truestep::identify {

/// All reals from low to high. Each operation contains every result for operands inside: its ends
/// are widened by more than the roundings of W, and beyond what leaves its normal range.
template <class W>
struct IntervalOf {
  using Wide = W;
  using Interval = IntervalOf;

  Wide low = 0, high = 0;

  IntervalOf() = default;
  IntervalOf(Wide its_low, Wide its_high) : low(its_low), high(its_high) {}
  // End by end: a copy of all bytes would read in other pieces than were written, and wait.
  IntervalOf(const IntervalOf& other) : low(other.low), high(other.high) {}
  IntervalOf& operator=(const IntervalOf& other) {
    low = other.low, high = other.high;
    return *this;
  }
  /// The same, or the least that contains it where W is narrower.
  template <class Other>
  explicit IntervalOf(const IntervalOf<Other>& other)
      : low(static_cast<Wide>(other.low)), high(static_cast<Wide>(other.high)) {
    if (low > other.low) low = std::nextafter(low, -std::numeric_limits<Wide>::infinity());
    if (high < other.high) high = std::nextafter(high, std::numeric_limits<Wide>::infinity());
  }

  static Interval point(Wide x) { return {x, x}; }
  static Interval within(Wide radius) { return {-radius, radius}; }
  static Interval everything() {
    constexpr Wide infinity = std::numeric_limits<Wide>::infinity();
    return {-infinity, infinity};
  }

  bool is_point() const { return low == high; }
  bool contains(Wide x) const { return low <= x && x <= high; }
  bool is_finite() const { return size() < std::numeric_limits<Wide>::infinity(); }
  bool is_empty() const { return !(low <= high); }
  Wide width() const { return high - low; }
  Wide middle() const { return low + (high - low) / 2; }
  Wide size() const { return std::max(std::fabs(low), std::fabs(high)); }

  friend bool operator==(const Interval& a, const Interval& b) {
    return a.low == b.low && a.high == b.high;
  }

  friend Interval operator-(const Interval& a) { return {-a.high, -a.low}; }
  friend Interval operator+(const Interval& a, const Interval& b) {
    if (a == point(0)) return b;
    if (b == point(0)) return a;
    return outward(a.low + b.low, a.high + b.high);
  }
  friend Interval operator-(const Interval& a, const Interval& b) { return a + -b; }
  friend Interval operator*(const Interval& a, const Interval& b) {
    if (a == point(0) || b == point(0)) return point(0);
    if (a == point(1)) return b;
    if (b == point(1)) return a;
    if (!a.is_finite() || !b.is_finite()) return everything();
    // The ends' signs say which of the four products are least and greatest.
    if (a.low >= 0) {
      if (b.low >= 0) return outward(a.low * b.low, positive(a.high * b.high));
      if (b.high <= 0) return outward(negative(a.high * b.low), a.low * b.high);
      return outward(negative(a.high * b.low), positive(a.high * b.high));
    }
    if (a.high <= 0) {
      if (b.low >= 0) return outward(negative(a.low * b.high), a.high * b.low);
      if (b.high <= 0) return outward(a.high * b.high, positive(a.low * b.low));
      return outward(negative(a.low * b.high), positive(a.low * b.low));
    }
    if (b.low >= 0) return outward(negative(a.low * b.high), positive(a.high * b.high));
    if (b.high <= 0) return outward(negative(a.high * b.low), positive(a.low * b.low));
    return outward(negative(std::min(a.low * b.high, a.high * b.low)),
                   positive(std::max(a.low * b.low, a.high * b.high)));
  }
  /// Everything where the divisor may be 0.
  friend Interval operator/(const Interval& a, const Interval& b) {
    if (b == point(1)) return a;
    if (b.contains(0) || !a.is_finite() || !b.is_finite()) return everything();
    if (b.low > 0)
      return outward(a.low >= 0 ? a.low / b.high : negative(a.low / b.low),
                     a.high <= 0 ? a.high / b.high : positive(a.high / b.low));
    return outward(a.high <= 0 ? a.high / b.low : negative(a.high / b.high),
                   a.low >= 0 ? a.low / b.low : positive(a.low / b.high));
  }
  friend Interval both(const Interval& a, const Interval& b) {
    return {std::max(a.low, b.low), std::min(a.high, b.high)};
  }
  friend Interval hull(const Interval& a, const Interval& b) {
    return {std::min(a.low, b.low), std::max(a.high, b.high)};
  }
  friend Interval at_least_zero(const Interval& a) {
    return {std::max(a.low, Wide(0)), std::max(a.high, Wide(0))};
  }
  /// The operand is at least 0.
  friend Interval sqrt(const Interval& a) { return outward(std::sqrt(a.low), std::sqrt(a.high)); }
  /// The operand is at least 0, and so is n, which is whole.
  friend Interval pow(const Interval& a, Wide n) {
    constexpr Wide few = 64;  // more multiplications than this take longer than a power function
    const auto power = [n](Wide x) { return n <= few ? product(x, unsigned(n)) : std::pow(x, n); };
    const Wide bottom = power(a.low), top = a.is_point() ? bottom : power(a.high);
    return outward(bottom, a.high > 0 ? positive(top) : top, n <= few ? n + 1 : 16);
  }

  /// The interval, wider by some roundings. An end on this side of the normal range that may have
  /// been rounded away from 0 goes there; one that was rounded past the largest number goes back.
  static Interval outward(Wide low, Wide high, Wide roundings = 2) {
    low = std::min(low, std::numeric_limits<Wide>::max());
    high = std::max(high, std::numeric_limits<Wide>::lowest());
    const Wide share = roundings * (std::numeric_limits<Wide>::epsilon() / 2);
    low -= share * std::fabs(low), high += share * std::fabs(high);
    return {low > 0 && low < least ? 0 : low, high < 0 && high > -least ? 0 : high};
  }

 private:
  static constexpr Wide least = 2 * std::numeric_limits<Wide>::min();

  /// An end that is known to be above 0, or below, and may have been rounded to it.
  static Wide positive(Wide x) { return std::max(x, least); }
  static Wide negative(Wide x) { return std::min(x, -least); }

  /// x^n by squaring: n factors meet n - 1 roundings, in whatever order they are multiplied.
  static Wide product(Wide x, unsigned n) {
    if (n == 0) return 1;
    Wide all = 1;
    for (; n > 1; n /= 2, x *= x)
      if (n % 2 == 1) all *= x;
    return all * x;
  }
};

using Interval = IntervalOf<long double>;

}  // namespace truestep::identify
