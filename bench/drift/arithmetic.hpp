// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "exact.hpp"
#include "format.hpp"

namespace truestep::drift {

/// Results of a format's operations that left its normal range.
struct OutOfRange {
  std::uint64_t underflows = 0;  ///< inexact and below a normal number
  std::uint64_t overflows = 0;
  std::uint64_t subnormals = 0;  ///< not zero, and below a normal number

  OutOfRange& operator+=(const OutOfRange& other) {
    underflows += other.underflows;
    overflows += other.overflows;
    subnormals += other.subnormals;
    return *this;
  }
};

/// A bijection of the 64-bit integers whose every output bit depends on every input bit
/// (splitmix64, Steele, Lea, Flood 2014): neighbouring inputs get unlike outputs.
inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

/// Rounds to a format, and counts what came of it. The bits of stochastic rounding are a function
/// of the seed, of a place and of what was drawn there, so that the order of places is no matter.
class Arithmetic {
 public:
  explicit Arithmetic(const Format& format, Rounding rounding = Rounding::nearest_even,
                      std::uint64_t seed = 0)
      : format_(format), largest_(format.largest()), rounding_(rounding), seed_(seed) {}

  const Format& format() const { return format_; }
  Rounding rounding() const { return rounding_; }
  double largest() const { return largest_; }

  /// Draws the bits of a place from now on.
  void go_to(std::uint64_t place) {
    place_ = mix(seed_ ^ mix(place));
    drawn_ = 0;
  }
  void count(const OutOfRange& more) { out_of_range_ += more; }
  const OutOfRange& out_of_range() const { return out_of_range_; }

  /// The last result less the exact one, as a double.
  double error() const { return error_; }

  double round(const Exact& exact) {
    const double size = rounded_size(exact);
    if (exact.negative) error_ = -error_;
    return exact.negative ? -size : size;
  }

  /// An unevaluated sum of two doubles, of which the second is the smaller.
  double round(double high, double low) {
    return low == 0 ? round(high) : round(sum(Exact::of(high), Exact::of(low)));
  }

  double round(double x) { return std::isfinite(x) && x != 0 ? round(Exact::of(x)) : exactly(x); }

  /// What an operation gives on operands one of which is zero, infinite or NaN: it is exact, or
  /// infinite, and the processor's.
  double exactly(double x) {
    error_ = 0;
    return std::isinf(x) ? std::copysign(in_place_of_infinity(), x) : x;
  }

 private:
  /// The rounded absolute value; the error that it leaves is that of the absolute value.
  double rounded_size(const Exact& exact) {
    error_ = 0;
    if (exact.integer == 0) return 0;
    const int leading = exact.leading();
    const int spacing =
        format_.subnormals ? format_.spacing(leading) : leading - format_.significand_bits + 1;
    const int dropped = std::max(spacing - exact.exponent, 0), last = exact.exponent + dropped;
    Integer kept = dropped < 128 ? exact.integer >> dropped : 0;
    const Integer rest = dropped < 128 ? exact.integer - (kept << dropped) : exact.integer;
    const bool inexact = rest != 0 || exact.more;
    const bool up = inexact && goes_up(kept, rest, dropped, exact.more);
    kept += up;
    const double ordinary = std::ldexp(static_cast<double>(static_cast<std::uint64_t>(kept)), last);
    const double size = in_range(ordinary, last + bit_width(kept) - 1, inexact);
    error_ = size == ordinary ? std::ldexp(beyond(rest, dropped, up), exact.exponent)
                              : size - std::fabs(exact.approximately());
    return size;
  }

  /// What rounding added, in units of the exact result's last place.
  static double beyond(Integer rest, int dropped, bool up) {
    if (!up) return -static_cast<double>(rest);
    return dropped < 128 ? static_cast<double>((Integer{1} << dropped) - rest)
                         : std::ldexp(1.0, dropped) - static_cast<double>(rest);
  }

  double in_range(double size, int leading, bool inexact) {
    if (leading < format_.least_exponent) {
      out_of_range_.underflows += inexact || !format_.subnormals;
      if (!format_.subnormals) return 0;
      out_of_range_.subnormals += size != 0;
    }
    return limited(size);
  }

  bool goes_up(Integer kept, Integer rest, int dropped, bool more) {
    switch (rounding_) {
      case Rounding::toward_zero:
        return false;
      case Rounding::nearest_even: {
        const Integer half = dropped <= 128 ? Integer{1} << (dropped - 1) : 0;
        return half != 0 && (rest > half || (rest == half && (more || kept % 2 != 0)));
      }
      case Rounding::stochastic: {
        const int beyond = dropped - 64;
        const Integer part = beyond <= 0 ? rest << -beyond : beyond < 128 ? rest >> beyond : 0;
        return mix(place_ + drawn_++) < part;
      }
    }
    return false;
  }

  double limited(double size) {
    if (size <= largest_) return size;
    ++out_of_range_.overflows;
    return rounding_ == Rounding::toward_zero ? largest_ : in_place_of_infinity();
  }

  double in_place_of_infinity() const {
    if (format_.saturates) return largest_;
    return format_.infinity ? std::numeric_limits<double>::infinity()
                            : std::numeric_limits<double>::quiet_NaN();
  }

  Format format_;
  double largest_;
  Rounding rounding_;
  std::uint64_t seed_, place_ = mix(seed_), drawn_ = 0;
  OutOfRange out_of_range_;
  double error_ = 0;
};

}  // namespace truestep::drift
