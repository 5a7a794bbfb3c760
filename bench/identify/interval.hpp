// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace truestep::identify {

/// All reals from low to high. Each operation contains every result for operands inside: its ends
/// are widened by more than long double's rounding. No number here comes near long double's least.
struct Interval {
  using Wide = long double;

  Wide low = 0, high = 0;

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

  friend bool operator==(const Interval&, const Interval&) = default;

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
    if (a.low >= 0 && b.low >= 0) return outward(a.low * b.low, a.high * b.high);
    const auto [least, greatest] =
        std::minmax({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
    return outward(least, greatest);
  }
  /// Everything where the divisor may be 0.
  friend Interval operator/(const Interval& a, const Interval& b) {
    if (b == point(1)) return a;
    if (b.contains(0) || !a.is_finite() || !b.is_finite()) return everything();
    const auto [least, greatest] =
        std::minmax({a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high});
    return outward(least, greatest);
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
  /// The operand is at least 0, and n > 0.
  friend Interval pow(const Interval& a, Wide n) {
    return outward(std::pow(a.low, n), std::pow(a.high, n), 16);
  }

  /// The interval, wider by some roundings.
  static Interval outward(Wide low, Wide high, Wide roundings = 2) {
    const Wide share = roundings * (std::numeric_limits<Wide>::epsilon() / 2);
    return {low - share * std::fabs(low), high + share * std::fabs(high)};
  }
};

}  // namespace truestep::identify
