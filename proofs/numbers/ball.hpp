// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace truestep::proofs {

/// The type of a radius: it has more exponents than T, because a radius is made of products of
/// numbers as small as the smallest T, which would vanish in T itself.
template <class T>
struct Wide;
template <>
struct Wide<float> {
  using type = double;
};
template <>
struct Wide<double> {
  using type = long double;
};

/// Half a unit in the last place of z, which bounds the error of an operation that rounded to z,
/// subnormals included; infinite where z overflowed.
template <class T>
typename Wide<T>::type half_ulp(T z) {
  using W = typename Wide<T>::type;
  using Limits = std::numeric_limits<T>;
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  if (!std::isfinite(z)) return std::numeric_limits<W>::infinity();
  // The power of two at or below |z|: its bits without those of the significand.
  constexpr auto of_exponent = std::bit_cast<Bits>(Limits::infinity());
  const T power = std::bit_cast<T>(std::bit_cast<Bits>(z) & of_exponent);
  return std::max(power, Limits::min()) * W(Limits::epsilon() / 2);
}

/// A computed number with a rigorous bound on its distance from the exact one: running-error
/// analysis (Wilkinson 1986; Higham, Accuracy and Stability of Numerical Algorithms, section 3.3).
///
/// `value` holds the very bits of the computation in T, round to nearest. If every operand lies
/// within its radius of an exact number, and the exact operand of a root is not negative, the
/// result lies within its radius of the exact result. Where an operation overflowed, or a divisor
/// may be zero, the radius is infinite or NaN (not `bounded`): nothing is claimed.
///
/// The radius is itself computed in floating point. Each formula below adds and multiplies
/// non-negative numbers in fewer than 16 operations of W, each within 2^-53 of itself, nothing near
/// W's own underflow; `inflation` covers that, and leaves 2^-49 of the radius for the error of a
/// high-precision reference.
template <class T>
struct Ball {
  static_assert(std::numeric_limits<typename Wide<T>::type>::min_exponent <
                    4 * std::numeric_limits<T>::min_exponent,
                "the radius needs a wider exponent range than the value");

  using Radius = typename Wide<T>::type;
  static constexpr Radius inflation = 1 + Radius(0x1p-48);

  T value = 0;
  Radius radius = 0;
  /// What the magnitude of the value would be if no sum had cancelled: the yardstick for a radius.
  Radius magnitude = 0;

  Ball() = default;
  /// An exact number.
  Ball(T exact) : value(exact), magnitude(size(*this)) {}

  /// A coefficient within (1/2 + 2^-41) ulp of its exact expression; within 1 ulp if it is
  /// subnormal or the smallest normal number, up to which a second rounding may have carried it.
  static Ball coefficient(T rounded) {
    Ball ball(rounded);
    ball.radius =
        half_ulp(rounded) *
        (std::fabs(rounded) <= std::numeric_limits<T>::min() ? Radius(2) : 1 + Radius(0x1p-40));
    return ball;
  }

  bool bounded() const { return radius < std::numeric_limits<Radius>::infinity(); }

  friend Ball operator-(const Ball& a) {
    Ball negated = a;
    negated.value = -a.value;
    return negated;
  }

  friend Ball operator+(const Ball& a, const Ball& b) {
    return {a.value + b.value, a.radius + b.radius, a.magnitude + b.magnitude,
            !a.is_zero() && !b.is_zero()};
  }

  friend Ball operator-(const Ball& a, const Ball& b) { return a + -b; }

  friend Ball operator*(const Ball& a, const Ball& b) {
    return {a.value * b.value, error_of_product(a, b), a.magnitude * b.magnitude,
            !a.is_zero() && !b.is_zero()};
  }

  /// |a/b - A/B| = |a (B - b) - b (A - a)| / |b B|, and |B| >= |b| - radius of b.
  friend Ball operator/(const Ball& a, const Ball& b) {
    const Radius divisor = size(b), nearest_zero = divisor - b.radius;
    const Radius error = nearest_zero > 0
                             ? (size(a) * b.radius + divisor * a.radius) / (divisor * nearest_zero)
                             : std::numeric_limits<Radius>::infinity();
    return {a.value / b.value, error, a.magnitude / divisor, !a.is_zero()};
  }

  /// |sqrt a - sqrt A| = |a - A| / (sqrt a + sqrt A), and at most sqrt |a - A|.
  friend Ball sqrt(const Ball& a) {
    using std::max, std::min, std::sqrt;
    const Radius root = sqrt(Radius(a.value));
    const Radius least = sqrt(max(Radius(a.value) - a.radius, Radius(0)));
    const Radius error =
        a.value > 0 ? min(sqrt(a.radius), a.radius / (root + least)) : sqrt(a.radius);
    return {sqrt(a.value), error, sqrt(a.magnitude), !a.is_zero()};
  }

  friend Ball fma(const Ball& a, const Ball& b, const Ball& c) {
    using std::fma;
    return {fma(a.value, b.value, c.value), error_of_product(a, b) + c.radius,
            a.magnitude * b.magnitude + c.magnitude, !a.is_zero() && !b.is_zero()};
  }

  /// (1 - w) v with its two v seen as one: (1 - w) v - (1 - W) V = (1 - w) (v - V) + (W - w) V.
  friend Ball decay(const Ball& w, const Ball& v) {
    using std::fabs, std::fma;
    const Radius kept = fabs(1 - Radius(w.value));
    return {fma(-w.value, v.value, v.value), kept * v.radius + w.radius * (size(v) + v.radius),
            (1 + w.magnitude) * v.magnitude, !w.is_zero() && !v.is_zero()};
  }

  // Selections do not round.

  /// The larger of two numbers moves by no more than the one that moves more.
  friend Ball maximum(const Ball& a, const Ball& b) {
    using std::max;
    Ball larger = a.value < b.value || b.value != b.value ? b : a;
    larger.radius = max(a.radius, b.radius);
    larger.magnitude = max(a.magnitude, b.magnitude);
    return larger;
  }

  friend Ball at_least_zero(const Ball& x) {
    Ball clipped = x;
    if (x.value < 0) clipped.value = 0;
    return clipped;
  }

  /// Nothing is claimed where the sign of the exact x is not known.
  friend Ball where_positive(const Ball& x, const Ball& then) {
    Ball chosen = x.value > 0 ? then : Ball(T(0));
    if (!(size(x) > x.radius) && !x.is_zero())
      chosen.radius = std::numeric_limits<Radius>::infinity();
    return chosen;
  }

 private:
  /// @param error    what the operands' errors make of the result
  /// @param rounded  false where an operand that is exactly zero makes the operation exact; else a
  ///                 coordinate that never moves would gain an error at every step
  Ball(T v, Radius error, Radius m, bool rounded)
      : value(v),
        radius((error + (rounded || !finite(v) ? half_ulp(v) : 0)) * inflation),
        magnitude(m) {}

  bool is_zero() const { return value == 0 && radius == 0; }

  static bool finite(const T& v) {
    using std::isfinite;
    return isfinite(v);
  }

  static Radius size(const Ball& a) {
    using std::fabs;
    return fabs(Radius(a.value));
  }

  static Radius error_of_product(const Ball& a, const Ball& b) {
    return size(a) * b.radius + size(b) * a.radius + a.radius * b.radius;
  }
};

}  // namespace truestep::proofs
