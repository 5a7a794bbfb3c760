// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>

namespace truestep::proofs {

/// How a program forms what depends on the hyperparameters and t alone. Sane programs do it in
/// double and round once; the others are habits that leave a trace far above rounding.
struct Coefficients {
  /// Where beta^t comes from: beta; the float beta, in double; a product of it carried from step to
  /// step in the format of the data; the power function of that format, within an ulp.
  enum class Powers { in_double, of_rounded, running_product, power_function };

  bool one_minus_rounded = false;  ///< 1 - RN(beta) instead of RN(1 - beta)
  Powers powers = Powers::in_double;
};

/// A formula's number with a bound on what *any sane order* of operations in T makes of it: run
/// through the reference, it turns the formula into the set of results that an implementation of
/// it may have, states carried from step to step included.
///
/// `value` is the formula's, in a format W that is wider than T, whose own error the radius
/// contains. If each operand of an operation lies within its radius of what the implementation
/// holds, so does the result.
///
/// Sane is an implementation that differs from the formula by
///
///   - sums and products in any order, fused or not, factors distributed over a sum or not;
///   - a mean as beta x + w g, as x + w (g - x) where w <= 1/2, or as g - beta (g - x) where
///     w >= 1/2, w = 1 - beta;
///   - a quotient as one division, or as the product by a reciprocal; the root of a quotient
///     as the quotient of roots;
///   - a correction or a learning rate applied to the moments, to the step size, or to both;
///   - subnormal numbers kept or flushed to zero;
///
/// every operation correctly rounded to nearest. Then each operation of the formula costs at most
/// two roundings of its result, before cancellation, and each coefficient one of itself, unless a
/// sum of four terms or more is added in an order in which one of them meets more than two
/// additions where the formula has it meet one: that order may leave the radius (proofs/README.md).
/// The argument:
///
///   - Read the results off as sums of products. A product is reached by one rounding per factor
///     in any order, a quotient by two; distributed over a sum, they act on each term, which is
///     why a rounding is relative to `magnitude`, the sum of the terms' sizes, not to the value.
///   - A mean in the first form rounds each term three times (coefficient, product, sum). In the
///     second, w (g - x) rounds thrice with the coefficient and the sum once more, relative to
///     w (|g| + |x|) <= beta |x| + w |g| and to the mean: four in all, where five are allowed. The
///     third mirrors the second.
///   - A coefficient in two factors, lambda (lambda v), rounds twice more than lambda^2 v, which
///     the second rounding of the two sums behind it covers.
///   - A root halves the relative error of its argument, so its place in a quotient is no matter.
///
/// An operand made of hyperparameters and t alone is a coefficient: among themselves they are
/// computed in double in the formula's order, powers by any chain of products, and rounded to T
/// where they meet data, unless T holds them exactly. Were they computed in T, 1 - beta^t would
/// cost some 1 / (1 - beta) roundings, and hide what is to be seen.
///
/// Where a divisor may be zero, a result may overflow, or a sign decides that may be either, the
/// radius is infinite: no claim (`bounded`).
template <class T, Coefficients how = Coefficients{}, class W = long double>
class AnyOrder {
 public:
  using Format = T;
  using Wide = W;
  static_assert(std::numeric_limits<Wide>::digits >= std::numeric_limits<T>::digits + 11,
                "the value must err by less than 2^-10 roundings of T");

  Wide value = 0, radius = 0;
  /// What the size of the value would be if no sum had cancelled.
  Wide magnitude = 0;

  AnyOrder() = default;
  template <std::integral Integer>
  AnyOrder(Integer exact) : AnyOrder(Wide(exact), true) {}
  /// A hyperparameter.
  AnyOrder(double exact) : AnyOrder(Wide(exact), true) { hyperparameter_ = true; }

  /// What a file holds; a subnormal number may be read as zero.
  static AnyOrder data(T exact) {
    AnyOrder number(Wide(exact), false);
    if (number.magnitude < flushed) number.radius = number.magnitude;
    return number;
  }

  /// The start of a state, which a program stores in T as it does any state: no coefficient.
  AnyOrder stored() const {
    AnyOrder start = rounded();
    start.hyperparameter_ = false;
    if (start.magnitude < flushed) start.radius = std::max(start.radius, start.magnitude);
    return start;
  }

  /// Nothing is known of it.
  static AnyOrder unknown() {
    AnyOrder number(Wide(0), false);
    number.radius = infinity;
    return number;
  }

  /// It may be further away.
  void widen(double by) { radius += Wide(by) * inflation; }

  /// Data times a factor that is known but for a relative error.
  void scale(double factor, double error) {
    if (is_zero()) return;
    value *= Wide(factor), radius *= std::fabs(Wide(factor)), magnitude = std::fabs(value);
    radius += Wide(error) * inflation * magnitude;
    if (error > 0 || magnitude < flushed) radius += flushed;
  }

  bool bounded() const { return radius < std::numeric_limits<Wide>::infinity(); }

  friend bool operator==(const AnyOrder& a, const AnyOrder& b) { return a.value == b.value; }

  friend AnyOrder operator-(const AnyOrder& a) {
    AnyOrder negated = a;
    negated.value = -a.value;
    return negated;
  }

  friend AnyOrder operator+(const AnyOrder& x, const AnyOrder& y) {
    const auto [a, b] = met(x.summand(), y.summand());
    return {a,
            b,
            a.value + b.value,
            a.radius + b.radius,
            a.magnitude + b.magnitude,
            a.is_zero() || b.is_zero()};
  }

  friend AnyOrder operator-(const AnyOrder& a, const AnyOrder& b) { return a + -b; }

  friend AnyOrder operator*(const AnyOrder& x, const AnyOrder& y) {
    if (y.is_constant_one()) return x;
    const auto [a, b] = met(x, y);
    const Wide error = size(a) * b.radius + size(b) * a.radius + a.radius * b.radius;
    return {a,
            b,
            a.value * b.value,
            error,
            a.magnitude * b.magnitude,
            a.is_zero() || b.is_zero() || a.is_one() || b.is_one()};
  }

  /// |a/b - A/B| = |a (B - b) - b (A - a)| / |b B|, and |B| >= |b| - radius of b.
  friend AnyOrder operator/(const AnyOrder& x, const AnyOrder& y) {
    const auto [a, b] = met(x, y);
    const Wide nearest_zero = size(b) - b.radius;
    // A difference that has all but cancelled may be W's own roundings.
    const Wide error = nearest_zero > size(b) * 0x1p-30f
                           ? (size(a) * b.radius + size(b) * a.radius) / (size(b) * nearest_zero)
                           : infinity;
    return {a, b, a.value / b.value, error, a.magnitude / nearest_zero, a.is_zero() || b.is_one()};
  }

  /// |sqrt a - sqrt A| = |a - A| / (sqrt a + sqrt A), and at most sqrt |a - A|. A difference that
  /// the formula knows to be no less than zero may have cancelled to less.
  friend AnyOrder sqrt(const AnyOrder& a) {
    const Wide square = std::max(a.value, Wide(0)), root = std::sqrt(square);
    const Wide least = std::sqrt(std::max(a.value - a.radius, Wide(0)));
    const Wide error =
        root > 0 ? std::min(std::sqrt(a.radius), a.radius / (root + least)) : std::sqrt(a.radius);
    return {a, a, std::isnan(a.value) ? a.value : root, error, std::sqrt(a.magnitude), a.is_zero()};
  }

  /// The power of a hyperparameter.
  friend AnyOrder pow(const AnyOrder& x, const AnyOrder& n) {
    using enum Coefficients::Powers;
    if (x.is_constant_one() || n.is_zero()) return 1;
    const Wide base = how.powers == in_double ? x.value : Wide(T(x.value));
    AnyOrder power(
        how.powers == running_product ? running(T(base), n.value) : std::pow(base, n.value), true);
    const Wide roundings = (n.value + own_roundings) * unit_of_double;
    if (how.powers == power_function)
      power.radius = (2 * u + own_roundings * unit_of_double) * power.magnitude;
    else if (how.powers != running_product && n.value > 1)
      power.radius = roundings / (1 - roundings) * power.magnitude;
    return power;
  }

  friend AnyOrder maximum(const AnyOrder& x, const AnyOrder& y) {
    const auto [a, b] = met(x, y);
    return {a,
            b,
            std::max(a.value, b.value),
            std::max(a.radius, b.radius),
            std::max(a.magnitude, b.magnitude),
            true};
  }

  friend AnyOrder where_positive(const AnyOrder& x, const AnyOrder& then) {
    if (x.value > x.radius) return then;
    AnyOrder none = AnyOrder(Wide(0), false);
    if (!x.is_zero()) none.radius = infinity;
    return none;
  }

  /// Nothing is claimed where the sign of either is not known.
  friend AnyOrder where_alike(const AnyOrder& x, const AnyOrder& y, const AnyOrder& then) {
    if (x.sign() != 0 && x.sign() == y.sign()) return then;
    AnyOrder none = AnyOrder(Wide(0), false);
    if (x.sign() == 0 || y.sign() == 0) none.radius = infinity;
    return none;
  }

 private:
  static constexpr Wide u = std::numeric_limits<T>::epsilon() / 2;
  static constexpr Wide unit_of_double = Wide(0x1p-53L);
  static constexpr Wide infinity = std::numeric_limits<Wide>::infinity();
  /// What W's own roundings may add: less than 2^-10 of one of T in `value`, and the few operations
  /// that make a radius.
  static constexpr Wide inflation = Wide(1 + 0x1p-10L);
  /// A coefficient's roundings are those of double. Where W is no wider, `value` rounds as well,
  /// and a power of it errs by two.
  static constexpr bool is_wider_than_double = std::numeric_limits<Wide>::digits >= 64;
  static constexpr Wide unit_of_coefficient = (is_wider_than_double ? 1 : 2) * unit_of_double;
  static constexpr Wide own_roundings = is_wider_than_double ? 0 : 4;

  AnyOrder(Wide exact, bool constant)
      : value(exact), magnitude(std::fabs(exact)), constant_(constant) {}

  /// @param error  what the operands' errors make of the result
  /// @param exact  whether no order of operations has anything to round
  AnyOrder(const AnyOrder& a, const AnyOrder& b, Wide v, Wide error, Wide m, bool exact)
      : value(v), radius(error), magnitude(m), constant_(a.constant_ && b.constant_) {
    if (constant_) magnitude = std::fabs(v);
    const Wide largest = magnitude + error;
    if (!exact && constant_) radius += unit_of_coefficient * inflation * largest;
    if (!exact && !constant_) radius += 2 * inflation * (u * largest + flushed);
    if (!(largest <= std::numeric_limits<T>::max()) || std::isnan(v)) radius = infinity;
  }

  static constexpr Wide flushed = std::numeric_limits<T>::min();

  struct Operands {
    AnyOrder a, b;
  };

  /// beta^n as a program has it that multiplies once a step.
  static Wide running(T beta, Wide n) {
    T product = beta;
    for (Wide i = 1; i < n; ++i) product *= beta;
    return product;
  }

  /// As an operand of a sum, such as 1 - beta.
  AnyOrder summand() const {
    return how.one_minus_rounded && hyperparameter_ ? AnyOrder(Wide(T(value)), true) : *this;
  }

  /// The operands as they meet: a coefficient that meets data is rounded to T.
  static Operands met(const AnyOrder& a, const AnyOrder& b) {
    if (a.constant_ == b.constant_) return {a, b};
    return {a.constant_ ? a.rounded() : a, b.constant_ ? b.rounded() : b};
  }

  AnyOrder rounded() const {
    AnyOrder coefficient = *this;
    coefficient.constant_ = false;
    if (radius != 0 || Wide(T(value)) != value) coefficient.radius += u * magnitude + flushed;
    return coefficient;
  }

  /// 1 where the number is at least 0, -1 where it is less, 0 where it may be either.
  int sign() const { return value >= radius ? 1 : value < -radius ? -1 : 0; }
  bool is_zero() const { return value == 0 && radius == 0; }
  bool is_one() const { return size(*this) == 1 && radius == 0; }
  /// Whether this is the constant 1: no program multiplies by it, so the other factor stays the
  /// hyperparameter that it is.
  bool is_constant_one() const { return constant_ && value == 1 && radius == 0; }

  static Wide size(const AnyOrder& a) { return std::fabs(a.value); }

  bool constant_ = true, hyperparameter_ = false;
};

}  // namespace truestep::proofs
