// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <utility>

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

/// How the programs that this thread looks at form their coefficients, while one of these lives;
/// outside of all, as sane ones do. It is no part of a number, which a formula makes of its
/// hyperparameters alone; nor of a number's type, or each habit would be compiled anew.
class Forming {
 public:
  explicit Forming(const Coefficients& how) : before_(std::exchange(now_, how)) {}
  Forming(const Forming&) = delete;
  Forming& operator=(const Forming&) = delete;
  ~Forming() { now_ = before_; }

  static const Coefficients& now() { return now_; }

 private:
  static inline thread_local Coefficients now_;
  Coefficients before_;
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
///     w >= 1/2, w = 1 - beta, the last two made as they stand;
///   - theta's own decay as (1 - w) theta, or as theta - w theta where w <= 1/8;
///   - a quotient as one division, or as the product by a reciprocal; the root of a quotient
///     as the quotient of roots;
///   - a correction or a learning rate applied to the moments, to the step size, or to both;
///   - subnormal numbers kept or flushed to zero;
///
/// every operation correctly rounded to nearest, and every state stored in T between two steps.
/// The argument:
///
///   - Read the results off as sums of products. A product is reached by one rounding per factor
///     in any order, a quotient by two; distributed over a sum, they act on each product, which is
///     why a rounding is relative to `magnitude`, the sum of the products' sizes, not to the value.
///   - A sum of N products meets each with at most N - 1 additions, in whatever order. So a number
///     counts its products, `terms`, and n + m terms are charged max(2, n, m) roundings: a term
///     that has been charged n - 1 additions or more is then charged n + m - 1. Two for every sum
///     are too few (proofs/witnesses/OrderWitnesses.v): 1 + (a + b + c) added one by one.
///   - A product has n m terms, and is charged 1 + (n - 1)(m - 1) roundings, 2 at least: with the
///     n - 1 and m - 1 of its factors that is one multiplication and n m - 1 additions. What the
///     roundings of a factor or a divisor make of it is relative to the magnitude of the rest, for
///     they need not be the same beside each term.
///   - A root and a selection need the value of what they take, so they are one number in any
///     order. So is a state that was stored: `stored` begins to count anew.
///   - A mean in the first form rounds each term three times (coefficient, product, sum). In the
///     second, w (g - x) rounds thrice with the coefficient and the sum once more, relative to
///     w (|g| + |x|) <= beta |x| + w |g| and to the mean: four in all, where five are allowed; a g
///     of n terms may meet n - 1 more, and a sum is charged as many. The third mirrors the second.
///   - A coefficient in two factors, lambda (lambda v), rounds twice more than lambda^2 v. Its
///     product is charged one more than it needs, and so is each of the two sums behind it, or the
///     count of their terms.
///   - theta - w theta beside an update of n terms, three at most, has theta meet n + 1 additions
///     and w theta these and four roundings of its own. (1 - w) theta is charged three and the sum
///     behind it: (1 - w) (3 + max(2, n)) >= n + 1 + w (n + 5).
///   - A product may leave T's normal range in one order and not in another. What is flushed then
///     meets the factors that are left, which come to `reach` at most, and each of `operations` may
///     flush what it reads and what it makes. Nothing is claimed where a product may overflow.
///   - A root halves the relative error of its argument, so its place in a quotient is no matter.
///
/// An operand made of hyperparameters and t alone is a coefficient: among themselves they are
/// computed in double in the formula's order, powers by any chain of products, and rounded to T
/// where they meet data, unless T holds them exactly. Were they computed in T, 1 - beta^t would
/// cost some 1 / (1 - beta) roundings, and hide what is to be seen. `Forming` says what else a
/// program may do.
///
/// Where a divisor may be zero, a result may overflow, or a sign decides that may be either, the
/// radius is infinite: no claim (`bounded`).
template <class T, class W = long double>
class AnyOrder {
 public:
  using Format = T;
  using Wide = W;
  static_assert(std::numeric_limits<Wide>::digits >= std::numeric_limits<T>::digits + 11,
                "the value must err by less than 2^-10 roundings of T");

  Wide value = 0, radius = 0;
  /// What the size of the value would be if no sum had cancelled.
  Wide magnitude = 0;
  /// The products whose sum a program may have taken it apart into, since it was last stored, and
  /// the operations that it then takes to make it.
  int terms = 1, operations = 0;
  /// The most that some of a product's factors make, or 1: what was flushed may be multiplied by
  /// it.
  Wide reach = 1;

  AnyOrder() = default;
  // Member by member: a copy of all bytes would read in other pieces than were written, and wait.
  AnyOrder(const AnyOrder& other)
      : value(other.value),
        radius(other.radius),
        magnitude(other.magnitude),
        terms(other.terms),
        operations(other.operations),
        reach(other.reach),
        constant_(other.constant_),
        hyperparameter_(other.hyperparameter_) {}
  AnyOrder& operator=(const AnyOrder& other) {
    value = other.value, radius = other.radius, magnitude = other.magnitude;
    terms = other.terms, operations = other.operations, reach = other.reach;
    constant_ = other.constant_, hyperparameter_ = other.hyperparameter_;
    return *this;
  }
  template <std::integral Integer>
  AnyOrder(Integer exact) : AnyOrder(Wide(exact), true) {}
  /// A hyperparameter.
  AnyOrder(double exact) : AnyOrder(Wide(exact), true) { hyperparameter_ = true; }

  /// What a file holds; a subnormal number may be read as zero.
  static AnyOrder data(T exact) {
    AnyOrder number(Wide(exact), false);
    if (number.magnitude < flushed) number.radius = number.magnitude;
    number.begin();
    return number;
  }

  /// A state as the next step finds it: one number of T, to whose own size roundings are relative
  /// from there on. The start of one is stored as well, and is no coefficient.
  AnyOrder stored() const {
    AnyOrder state = constant_ ? rounded() : *this;
    state.hyperparameter_ = false;
    state.magnitude = size(state);
    if (constant_ && state.magnitude < flushed)
      state.radius = std::max(state.radius, state.magnitude);
    state.begin();
    return state;
  }

  /// Nothing is known of it.
  static AnyOrder unknown() {
    AnyOrder number(Wide(0), false);
    number.radius = infinity;
    return number;
  }

  /// It may be further away.
  void widen(double by) {
    radius += Wide(by) * inflation;
    begin();
  }

  /// Data times a factor that is known but for a relative error.
  void scale(double factor, double error) {
    if (is_zero()) return;
    value *= Wide(factor), radius *= std::fabs(Wide(factor)), magnitude = std::fabs(value);
    radius += Wide(error) * inflation * magnitude;
    if (error > 0 || magnitude < flushed) radius += flushed;
    begin();
  }

  bool bounded() const { return radius < std::numeric_limits<Wide>::infinity(); }

  friend bool operator==(const AnyOrder& a, const AnyOrder& b) { return a.value == b.value; }

  friend AnyOrder operator-(const AnyOrder& a) {
    AnyOrder negated = a;
    negated.value = -a.value;
    return negated;
  }

  friend AnyOrder operator+(const AnyOrder& x, const AnyOrder& y) {
    const auto added = [](const AnyOrder& a, const AnyOrder& b) { return sum(a, b); };
    if (x.hyperparameter_ || y.hyperparameter_) return met(x.summand(), y.summand(), added);
    return met(x, y, added);
  }

  friend AnyOrder operator-(const AnyOrder& a, const AnyOrder& b) { return a + -b; }

  friend AnyOrder operator*(const AnyOrder& x, const AnyOrder& y) {
    if (y.is_constant_one()) return x;
    return met(x, y, [](const AnyOrder& a, const AnyOrder& b) { return product(a, b); });
  }

  friend AnyOrder operator/(const AnyOrder& x, const AnyOrder& y) {
    return met(x, y, [](const AnyOrder& a, const AnyOrder& b) { return quotient(a, b); });
  }

  /// |sqrt a - sqrt A| = |a - A| / (sqrt a + sqrt A), and at most sqrt |a - A|. A difference that
  /// the formula knows to be no less than zero may have cancelled to less.
  friend AnyOrder sqrt(const AnyOrder& a) {
    const Wide square = std::max(a.value, Wide(0)), root = std::sqrt(square);
    const Wide least = std::sqrt(std::max(a.value - a.radius, Wide(0)));
    const Wide error =
        root > 0 ? std::min(std::sqrt(a.radius), a.radius / (root + least)) : std::sqrt(a.radius);
    AnyOrder result(a, a, std::isnan(a.value) ? a.value : root, error, root);
    if (!a.is_zero()) result.round({2, 1, 1, 1});
    if (!result.constant_) result.begin();
    return result;
  }

  /// The power of a hyperparameter.
  friend AnyOrder pow(const AnyOrder& x, const AnyOrder& n) {
    using enum Coefficients::Powers;
    if (x.is_constant_one() || n.is_zero()) return 1;
    const auto how = Forming::now();
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
    return met(x, y, [](const AnyOrder& a, const AnyOrder& b) {
      const Wide larger = std::max(a.value, b.value);
      AnyOrder result(a, b, larger, std::max(a.radius, b.radius), std::fabs(larger));
      if (!result.constant_) result.begin();
      return result;
    });
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

  /// A result of two operands, before its own roundings.
  /// @param error  what the operands' errors make of it
  AnyOrder(const AnyOrder& a, const AnyOrder& b, Wide v, Wide error, Wide m)
      : value(v), radius(error), magnitude(m), constant_(a.constant_ && b.constant_) {
    if (constant_) magnitude = std::fabs(v);
    if (!(magnitude + error <= largest_of_format) || std::isnan(v)) radius = infinity;
  }

  /// What any order makes of a result.
  struct Count {
    int roundings;  ///< that a term meets at most here
    int terms, operations;
    Wide reach;
  };

  /// Adds the roundings of a result.
  void round(const Count& count) {
    const Wide largest = magnitude + radius;
    if (constant_) {
      radius += unit_of_coefficient * inflation * largest;
      return;
    }
    terms = count.terms, operations = count.operations, reach = count.reach;
    radius += inflation * (u * Wide(count.roundings) * largest +
                           2 * flushed * Wide(count.operations) * count.reach);
    if (!(Wide(count.terms) * count.reach <= largest_of_format)) radius = infinity;
  }

  /// It is made of one operand alone, and no order has anything to round.
  void count_as(const AnyOrder& operand) {
    terms = operand.terms, operations = operand.operations, reach = operand.reach;
  }

  static AnyOrder sum(const AnyOrder& a, const AnyOrder& b) {
    AnyOrder sum(a, b, a.value + b.value, a.radius + b.radius, a.magnitude + b.magnitude);
    if (a.is_zero())
      sum.count_as(b);
    else if (b.is_zero())
      sum.count_as(a);
    else
      sum.round({std::max({2, a.terms, b.terms}), a.terms + b.terms,
                 a.operations + b.operations + 1, std::max(a.reach, b.reach)});
    return sum;
  }

  static AnyOrder product(const AnyOrder& a, const AnyOrder& b) {
    const Wide error = spread(a) * b.radius + spread(b) * a.radius + a.radius * b.radius;
    AnyOrder product(a, b, a.value * b.value, error, a.magnitude * b.magnitude);
    if (a.is_zero() || b.is_one()) {
      product.count_as(a);
    } else if (b.is_zero() || a.is_one()) {
      product.count_as(b);
    } else {
      const int products = a.terms * b.terms;
      product.round({std::max(2, 1 + (a.terms - 1) * (b.terms - 1)), products,
                     a.operations * b.terms + b.operations * a.terms + products,
                     a.reach * b.reach});
    }
    return product;
  }

  /// |a/b - A/B| = |a (B - b) - b (A - a)| / |b B|, and |B| >= |b| - radius of b.
  static AnyOrder quotient(const AnyOrder& a, const AnyOrder& b) {
    const Wide nearest_zero = size(b) - b.radius;
    // A difference that has all but cancelled may be W's own roundings.
    const Wide error = nearest_zero > size(b) * 0x1p-30f
                           ? (spread(a) * b.radius + size(b) * a.radius) / (size(b) * nearest_zero)
                           : infinity;
    AnyOrder quotient(a, b, a.value / b.value, error, a.magnitude / nearest_zero);
    if (a.is_zero() || b.is_one())
      quotient.count_as(a);
    else
      quotient.round({2, a.terms, a.operations + 2 * a.terms,
                      a.reach * std::max(1 / nearest_zero, Wide(1))});
    return quotient;
  }

  /// It is one number from here on, whatever it was made of.
  void begin() {
    terms = 1, operations = 0;
    reach = std::max(magnitude + radius, Wide(1));
  }

  static constexpr Wide largest_of_format = std::numeric_limits<T>::max();
  static constexpr Wide flushed = std::numeric_limits<T>::min();

  /// beta^n as a program has it that multiplies once a step.
  static Wide running(T beta, Wide n) {
    T product = beta;
    for (Wide i = 1; i < n; ++i) product *= beta;
    return product;
  }

  /// As an operand of a sum, such as 1 - beta.
  AnyOrder summand() const {
    if (!hyperparameter_ || !Forming::now().one_minus_rounded) return *this;
    return AnyOrder(Wide(T(value)), true);
  }

  /// What an operation makes of operands as they meet: a coefficient that meets data is rounded to
  /// T. Nothing is copied where there is none, which is what most of a search's time went into.
  template <class Operation>
  static AnyOrder met(const AnyOrder& a, const AnyOrder& b, Operation operation) {
    if (a.constant_ == b.constant_) return operation(a, b);
    return a.constant_ ? operation(a.rounded(), b) : operation(a, b.rounded());
  }

  AnyOrder rounded() const {
    AnyOrder coefficient = *this;
    coefficient.constant_ = false;
    if (radius != 0 || Wide(T(value)) != value) coefficient.radius += u * magnitude + flushed;
    coefficient.begin();
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
  /// What meets another factor, or a divisor: each of its terms, where it may be taken apart.
  static Wide spread(const AnyOrder& a) { return a.terms > 1 ? a.magnitude : size(a); }

  bool constant_ = true, hyperparameter_ = false;
};

/// The states after a step of a formula, as a program keeps them for the next.
template <class Formula>
typename Formula::State stored(typename Formula::Step step) {
  for (const auto& [name, member, is_state] : Formula::quantities)
    if (is_state) step.*member = (step.*member).stored();
  return step;
}

}  // namespace truestep::proofs
