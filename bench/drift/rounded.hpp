#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>

namespace truestep::drift {

/// A binary floating-point format, every number of which is a double.
struct Format {
  const char* name;
  int significand_bits;                   ///< with the leading one; at most 53
  int least_exponent, greatest_exponent;  ///< of the normal numbers, as in 1.5 x 2^exponent
  bool subnormals = true;                 ///< else what rounds to less than a normal number is zero
  /// Without it, as in OCP's e4m3, the last significand of the greatest exponent is NaN, and so
  /// is what overflows.
  bool infinity = true;
  bool saturates = false;  ///< what would be infinite is the largest number

  double largest() const {
    const double last_place = std::ldexp(1.0, greatest_exponent - significand_bits + 1);
    return (std::ldexp(1.0, greatest_exponent) - last_place) * 2 + (infinity ? last_place : 0);
  }
  /// The spacing of the numbers in [2^exponent, 2^(exponent + 1)), as a power of two.
  int spacing(int exponent) const {
    return std::max(exponent, least_exponent) - significand_bits + 1;
  }
};

inline constexpr std::array formats{Format{"double", 53, -1022, 1023},
                                    Format{"float", 24, -126, 127},
                                    Format{"tf32", 11, -126, 127},
                                    Format{"bfloat16", 8, -126, 127},
                                    Format{"fp16", 11, -14, 15},
                                    Format{.name = "fp8-e4m3",
                                           .significand_bits = 4,
                                           .least_exponent = -6,
                                           .greatest_exponent = 8,
                                           .infinity = false},
                                    Format{"fp8-e5m2", 3, -14, 15}};

/// Stochastic: away from zero with the probability that is the discarded part of the last place,
/// known to 64 bits, so that the mean of the result is the exact one to 2^-64 ulp.
enum class Rounding { nearest_even, toward_zero, stochastic };
/// In the order of Rounding.
inline constexpr std::array rounding_names{"nearest", "zero", "stochastic"};

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

  /// Of the leading bit.
  int leading() const { return exponent + bit_width(integer) - 1; }

  /// Of two doubles: 106 bits.
  friend Exact product(const Exact& a, const Exact& b) {
    return {a.negative != b.negative, a.exponent + b.exponent, a.integer * b.integer};
  }

  /// Of doubles or their products. The larger is shifted left until it has 126 bits. If bits of the
  /// other then lie beyond the last place, it is at least 20 bits shorter, and the sum keeps 125.
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

  /// Of doubles, by long division with two digits of 63 and 64 bits.
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

  /// Of a positive double: 63 bits by the processor's root, then 60 more, d 2^-60 in
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

/// Rounds to a format, and counts what came of it.
class Arithmetic {
 public:
  explicit Arithmetic(const Format& format, Rounding rounding = Rounding::nearest_even,
                      std::uint64_t seed = 0)
      : format_(format), largest_(format.largest()), rounding_(rounding), random_(seed) {}

  const Format& format() const { return format_; }
  std::uint64_t underflows() const { return underflows_; }  ///< inexact and below a normal number
  std::uint64_t overflows() const { return overflows_; }

  double round(const Exact& exact) {
    const double size = rounded_size(exact);
    return exact.negative ? -size : size;
  }

  /// An unevaluated sum of two doubles, of which the second is the smaller.
  double round(double high, double low) {
    return low == 0 ? round(high) : round(sum(Exact::of(high), Exact::of(low)));
  }

  double round(double x) { return std::isfinite(x) && x != 0 ? round(Exact::of(x)) : exactly(x); }

  /// What an operation gives on operands one of which is zero, infinite or NaN: it is exact, or
  /// infinite, and the processor's.
  double exactly(double x) const {
    return std::isinf(x) ? std::copysign(in_place_of_infinity(), x) : x;
  }

 private:
  double rounded_size(const Exact& exact) {
    if (exact.integer == 0) return 0;
    const int leading = exact.leading();
    const int spacing =
        format_.subnormals ? format_.spacing(leading) : leading - format_.significand_bits + 1;
    const int dropped = std::max(spacing - exact.exponent, 0), last = exact.exponent + dropped;
    Integer kept = dropped < 128 ? exact.integer >> dropped : 0;
    const Integer rest = dropped < 128 ? exact.integer - (kept << dropped) : exact.integer;
    const bool inexact = rest != 0 || exact.more;
    if (inexact && goes_up(kept, rest, dropped, exact.more)) ++kept;
    if (last + bit_width(kept) - 1 < format_.least_exponent) {
      underflows_ += inexact || !format_.subnormals;
      if (!format_.subnormals) return 0;
    }
    return limited(std::ldexp(static_cast<double>(static_cast<std::uint64_t>(kept)), last));
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
        return random_() < part;
      }
    }
    return false;
  }

  double limited(double size) {
    if (size <= largest_) return size;
    ++overflows_;
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
  std::mt19937_64 random_;
  std::uint64_t underflows_ = 0, overflows_ = 0;
};

/// A number of a format chosen at run time. Each operation gives its exact result, rounded once by
/// the arithmetic of its first operand.
class Rounded {
 public:
  Rounded() = default;  ///< only to be assigned to
  Rounded(Arithmetic& arithmetic, double x) : Rounded(&arithmetic, arithmetic.round(x)) {}

  double value() const { return value_; }

  friend Rounded operator-(const Rounded& a) { return {a.arithmetic_, -a.value_}; }

  friend Rounded operator+(const Rounded& a, const Rounded& b) {
    if (!ordinary(a, b)) return a.exactly(a.value_ + b.value_);
    return a.round(sum(Exact::of(a.value_), Exact::of(b.value_)));
  }

  friend Rounded operator-(const Rounded& a, const Rounded& b) { return a + -b; }

  friend Rounded operator*(const Rounded& a, const Rounded& b) {
    if (!ordinary(a, b)) return a.exactly(a.value_ * b.value_);
    return a.round(product(Exact::of(a.value_), Exact::of(b.value_)));
  }

  friend Rounded operator/(const Rounded& a, const Rounded& b) {
    if (!ordinary(a, b)) return a.exactly(a.value_ / b.value_);
    return a.round(quotient(Exact::of(a.value_), Exact::of(b.value_)));
  }

  friend Rounded sqrt(const Rounded& a) {
    if (!ordinary(a) || a.value_ < 0) return a.exactly(std::sqrt(a.value_));
    return a.round(root(Exact::of(a.value_)));
  }

  friend Rounded fma(const Rounded& a, const Rounded& b, const Rounded& c) {
    if (!ordinary(a, b) || !std::isfinite(c.value_))
      return a.exactly(std::fma(a.value_, b.value_, c.value_));
    const Exact ab = product(Exact::of(a.value_), Exact::of(b.value_));
    return a.round(c.value_ == 0 ? ab : sum(ab, Exact::of(c.value_)));
  }

  friend Rounded decay(const Rounded& weight, const Rounded& value) {
    return fma(-weight, value, value);
  }

 private:
  Rounded(Arithmetic* arithmetic, double value) : arithmetic_(arithmetic), value_(value) {}

  template <class... Numbers>
  static bool ordinary(const Numbers&... number) {
    return ((std::isfinite(number.value_) && number.value_ != 0) && ...);
  }

  Rounded round(const Exact& exact) const { return {arithmetic_, arithmetic_->round(exact)}; }
  Rounded exactly(double x) const { return {arithmetic_, arithmetic_->exactly(x)}; }

  Arithmetic* arithmetic_ = nullptr;
  double value_ = 0;
};

}  // namespace truestep::drift
