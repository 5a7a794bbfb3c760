// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/numbers/any_order.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <utility>

#include "box.hpp"

namespace truestep::identify {

/// A formula's number for all numbers of a box at once: proofs::AnyOrder over intervals. For each
/// point p of the box, `range` contains the formula's value there, which also is base + the sum of
/// slope[i] (p[i] - center[i]) for some base and slopes inside these; `radius` is no less than that
/// of any sane order of operations there. So a step that no result of the box explains is explained
/// at no point of it.
///
/// Ends and radii are numbers of W. Where it is no wider than T, less is excluded than could be.
template <class T, class W>
class Boxed {
 public:
  using Format = T;
  using Wide = W;
  using Interval = IntervalOf<W>;

  Interval range = {}, base = {};
  Slopes<Interval> slope;
  Wide radius = 0, magnitude = 0;
  /// The most that radius and magnitude are at a point of the box, in units of the value there.
  Wide relative = 0, cancelled = 1;
  int terms = 1, operations = 0;  ///< as in AnyOrder
  Wide reach = 1;

  /// The box of the calling thread; has to outlive the numbers that are made with it.
  static thread_local const Sides<W>* box;

  Boxed() = default;
  template <std::integral Integer>
  Boxed(Integer exact) : Boxed(Wide(exact), true) {}
  /// A hyperparameter, known or not.
  Boxed(double exact) : Boxed(Wide(exact), true) {
    hyperparameter_ = true;
    for (std::size_t i = 0; i < box->count; ++i) {
      if (exact != box->stands_in[i]) continue;
      range = box->side[i];
      base = box->center[i];
      slope.set(i, Interval::point(1));
      magnitude = range.size();
      varies_with_ = 1u << i;
    }
  }

  static Boxed data(T exact) {
    Boxed number(Wide(exact), false);
    if (number.magnitude < flushed) {
      number.radius = number.magnitude;
      number.relative = 1;
    }
    number.begin();
    return number;
  }

  /// A state as the next step finds it, or starts with, as AnyOrder has it.
  Boxed stored() const {
    Boxed state = constant_ ? rounded() : *this;
    state.hyperparameter_ = false;
    state.magnitude = size(state), state.cancelled = 1;
    if (constant_ && state.magnitude < flushed && state.radius < state.magnitude) {
      state.radius = state.magnitude;
      state.relative = std::max(state.relative, Wide(1));
    }
    state.begin();
    return state;
  }

  /// Nothing is known of it.
  static Boxed unknown() { return no_claim(); }

  /// It may be further away.
  void widen(double by) {
    radius += Wide(by) * inflation;
    relative += in_units_of(least_size(*this), Wide(by) * inflation);
    begin();
  }

  /// Data times a factor that is known but for a relative error.
  void scale(double factor, double error) {
    if (is_zero()) return;
    range = base = range * Interval::point(factor);
    radius *= std::fabs(Wide(factor)), magnitude = range.size();
    const Wide more =
        Wide(error) * inflation * magnitude + (error > 0 || magnitude < flushed ? flushed : 0);
    radius += more;
    relative += in_units_of(least_size(*this), more);
    begin();
  }

  bool bounded() const { return radius < infinity && range.size() < infinity; }

  /// Whether both are known to be the same number.
  friend bool operator==(const Boxed& a, const Boxed& b) {
    return a.range.is_point() && a.range == b.range;
  }

  friend Boxed operator-(const Boxed& a) {
    Boxed negated = a;
    negated.range = -a.range, negated.base = -a.base;
    for (std::size_t i = 0; i < box->count; ++i)
      if (a.varies_with(i)) negated.slope.set(i, -a.slope[i]);
    return negated;
  }

  friend Boxed operator+(const Boxed& x, const Boxed& y) {
    if (x.is_formed() || y.is_formed()) return met(x.summand(), y.summand(), sum);
    return met(x, y, sum);
  }

  friend Boxed operator-(const Boxed& a, const Boxed& b) { return a + -b; }

  friend Boxed operator*(const Boxed& x, const Boxed& y) {
    return y.is_constant_one() ? x : met(x, y, product);
  }

  friend Boxed operator/(const Boxed& x, const Boxed& y) { return met(x, y, quotient); }

  friend Boxed sqrt(const Boxed& a) {
    if (!a.bounded()) return no_claim();
    const Interval square = at_least_zero(a.range), root = sqrt(square);
    const Interval roots = root + sqrt(at_least_zero(a.base));
    Boxed result = a;
    result.range = root;
    if (a.range.low >= 0 && a.base.low >= 0 && roots.low > 0) {
      result.base = sqrt(a.base);
      for (std::size_t i = 0; i < box->count; ++i)
        if (a.varies_with(i)) result.slope.set(i, a.slope[i] / roots);
    } else {
      result.forget_slopes();
    }
    const Wide least = std::sqrt(std::max(a.range.low - a.radius, Wide(0)));
    const Wide half = root.low + least, whole = std::sqrt(a.radius);
    result.cost(
        a, a,
        {half > 0 ? std::min(whole, a.radius / half) : whole,
         a.relative <= 1 ? a.relative / (1 + std::sqrt(1 - a.relative)) : std::sqrt(a.relative)},
        {root.size(), 1}, a.is_zero() ? exactly(a) : Count{2, 1, 1, 1});
    result.become_one();
    return result;
  }

  /// The power of a hyperparameter that lies in [0, 1].
  friend Boxed pow(const Boxed& x, const Boxed& n) {
    if (x.is_constant_one() || n.is_zero()) return 1;
    using enum proofs::Coefficients::Powers;
    const Wide exponent = n.range.low;
    const auto [how, any] = box->forming;
    Boxed beta = x;
    if (how.powers != in_double && !any) beta = x.as_float();
    Boxed power = beta;
    power.hyperparameter_ = false;
    if (how.powers == running_product && !any && x.range.is_point()) {
      T product = static_cast<T>(x.range.low);
      for (Wide i = 1; i < exponent; ++i) product *= static_cast<T>(x.range.low);
      return Boxed(Wide(product), true);
    }
    power.range = pow(at_least_zero(beta.range), exponent);
    power.base = beta.varies_with_ == 0 ? power.range : pow(at_least_zero(beta.base), exponent);
    if (beta.varies_with_ != 0) {
      const Interval between = pow(at_least_zero(hull(beta.range, beta.base)), exponent - 1);
      for (std::size_t i = 0; i < box->count; ++i)
        if (beta.varies_with(i))
          power.slope.set(i, Interval::point(exponent) * between * beta.slope[i]);
      if (beta.base.low < 0) power.forget_slopes();
    }
    power.magnitude = power.range.size();
    if (any)
      power.cost_power(2 * (exponent + 1) * u, flushed);
    else if (how.powers == running_product)
      power.cost_power(exponent * u, flushed);
    else if (how.powers == power_function)
      power.cost_power(2 * u, 0);
    else if (exponent > 1)
      power.cost_power(exponent * unit_of_double, 0);
    return power;
  }

  /// The quotient of the values, without a radius.
  static Boxed quotient_of_values(const Boxed& a, const Boxed& b) {
    Boxed result;
    result.take(
        a, b, [](const Interval& x, const Interval& y) { return x / y; },
        [&](std::size_t i) { return (a.slope[i] - result.base * b.slope[i]) / b.range; });
    return result;
  }

  friend Boxed maximum(const Boxed& x, const Boxed& y) { return met(x, y, larger_of); }

  friend Boxed where_positive(const Boxed& x, const Boxed& then) {
    if (x.range.low > x.radius) return then;
    return x.is_zero() ? Boxed(Wide(0), false) : no_claim();
  }

  friend Boxed where_alike(const Boxed& x, const Boxed& y, const Boxed& then) {
    if (x.sign() == 0 || y.sign() == 0) return no_claim();
    return x.sign() == y.sign() ? then : Boxed(Wide(0), false);
  }

 private:
  static constexpr Wide u = std::numeric_limits<T>::epsilon() / 2;
  static constexpr Wide unit_of_double = Wide(0x1p-53L);
  static constexpr Wide infinity = std::numeric_limits<Wide>::infinity();
  static constexpr Wide inflation = Wide(1 + 0x1p-10L);
  /// Covers the roundings of W in a radius, from one operation to the next. Those of a longer W are
  /// covered by the inflation.
  static constexpr Wide own_roundings =
      std::numeric_limits<Wide>::digits >= 64 ? 1 : 1 + 32 * std::numeric_limits<Wide>::epsilon();
  static constexpr Wide flushed = std::numeric_limits<T>::min();

  Boxed(Wide exact, bool constant)
      : range(Interval::point(exact)),
        base(range),
        magnitude(std::fabs(exact)),
        constant_(constant) {}

  static Boxed no_claim() {
    Boxed number(Wide(0), false);
    number.radius = number.relative = infinity;
    return number;
  }

  /// Something at any point of the box, and in units of the value there.
  struct Most {
    Wide absolute, relative;
  };

  /// Becomes a result of two operands, without its radius.
  template <class Operation, class SlopeOf>
  void take(const Boxed& a, const Boxed& b, const Operation& of, const SlopeOf& slope_of) {
    varies_with_ = a.varies_with_ | b.varies_with_;
    range = of(a.range, b.range);
    // What does not vary has one interval for both.
    base = varies_with_ == 0 ? range : of(a.base, b.base);
    if (varies_with_ == 0) return;
    Interval along = base;
    for (std::size_t i = 0; i < box->count; ++i) {
      if (!varies_with(i)) continue;
      const Interval its = slope_of(i);
      slope.set(i, its);
      along = along + its * box->deviation[i];
    }
    // Both contain the value, so their intersection does. Infinite slopes say nothing.
    if (along.low > range.low) range.low = along.low;
    if (along.high < range.high) range.high = along.high;
  }

  /// What any order makes of a result, as in AnyOrder; without a rounding, an exact one.
  struct Count {
    int roundings, terms, operations;
    Wide reach;
  };
  static Count exactly(const Boxed& operand) {
    return {0, operand.terms, operand.operations, operand.reach};
  }

  static Boxed sum(const Boxed& a, const Boxed& b) {
    Boxed result;
    result.take(
        a, b, [](const Interval& one, const Interval& other) { return one + other; },
        [&](std::size_t i) { return a.slope[i] + b.slope[i]; });
    const bool alike = a.range.low >= 0 ? b.range.low >= 0 : a.range.high <= 0 && b.range.high <= 0;
    result.cost(a, b, {a.radius + b.radius, alike ? std::max(a.relative, b.relative) : infinity},
                {a.magnitude + b.magnitude, alike ? std::max(a.cancelled, b.cancelled) : infinity},
                a.is_zero()   ? exactly(b)
                : b.is_zero() ? exactly(a)
                              : Count{std::max({2, a.terms, b.terms}), a.terms + b.terms,
                                      a.operations + b.operations + 1, std::max(a.reach, b.reach)});
    return result;
  }

  static Boxed product(const Boxed& a, const Boxed& b) {
    Boxed result;
    result.take(
        a, b, [](const Interval& one, const Interval& other) { return one * other; },
        [&](std::size_t i) { return a.base * b.slope[i] + b.range * a.slope[i]; });
    const int terms = a.terms * b.terms;
    result.cost(
        a, b,
        {spread(a) * b.radius + spread(b) * a.radius + a.radius * b.radius,
         a.relative * relative_spread(b) + b.relative * relative_spread(a) +
             a.relative * b.relative},
        {a.magnitude * b.magnitude, a.cancelled * b.cancelled},
        a.is_zero() || b.is_one() ? exactly(a)
        : b.is_zero() || a.is_one()
            ? exactly(b)
            : Count{std::max(2, 1 + (a.terms - 1) * (b.terms - 1)), terms,
                    a.operations * b.terms + b.operations * a.terms + terms, a.reach * b.reach});
    return result;
  }

  static Boxed quotient(const Boxed& a, const Boxed& b) {
    const Wide least = b.range.contains(0) || b.base.contains(0)
                           ? 0
                           : std::min(std::fabs(b.range.low), std::fabs(b.range.high));
    if (!(least > 0) || !(b.relative < 1) || !a.bounded()) return no_claim();
    const Wide nearest_zero = std::max(least - b.radius, least * (1 - b.relative));
    const Wide left = 1 - b.relative;
    Boxed result = quotient_of_values(a, b);
    result.cost(a, b,
                {(spread(a) * b.relative / left + a.radius / left) / least,
                 (a.relative + relative_spread(a) * b.relative) / left},
                {a.magnitude / nearest_zero, a.cancelled / left},
                a.is_zero() || b.is_one() ? exactly(a)
                                          : Count{2, a.terms, a.operations + 2 * a.terms,
                                                  a.reach * std::max(1 / nearest_zero, Wide(1))});
    return result;
  }

  static Boxed larger_of(const Boxed& a, const Boxed& b) {
    Boxed larger = a.range.low >= b.range.high ? a : b;
    if (a.range.low < b.range.high && b.range.low < a.range.high) {
      larger.range = {std::max(a.range.low, b.range.low), std::max(a.range.high, b.range.high)};
      larger.forget_slopes();
    }
    const bool alike = a.range.low >= 0 && b.range.low >= 0;
    larger.cost(a, b,
                {std::max(a.radius, b.radius), alike ? std::max(a.relative, b.relative) : infinity},
                {size(larger), 1}, exactly(larger));
    larger.become_one();
    return larger;
  }

  /// Takes the radius that any sane order of operations needs, as in AnyOrder.
  void cost(const Boxed& a, const Boxed& b, const Most& error, const Most& sizes,
            const Count& count) {
    constant_ = a.constant_ && b.constant_;
    hyperparameter_ = false;
    if (!constant_) terms = count.terms, operations = count.operations, reach = count.reach;
    const Wide least = least_size(*this);
    cancelled = constant_ ? 1 : std::min(sizes.relative, in_units_of(least, sizes.absolute));
    magnitude = constant_ ? size(*this) : std::min(sizes.absolute, cancelled * size(*this));
    const bool exact = count.roundings == 0;
    const Wide unit = inflation * (constant_ ? unit_of_double : count.roundings * u);
    const Wide floor =
        constant_ ? 0 : 2 * inflation * flushed * Wide(count.operations) * count.reach;
    const Wide largest = magnitude + error.absolute;
    const Wide absolute = exact ? error.absolute : error.absolute + unit * largest + floor;
    const Wide inherited = std::isnan(error.relative) ? infinity : error.relative;
    const Wide in_units =
        exact ? inherited : inherited + unit * (cancelled + inherited) + in_units_of(least, floor);
    radius = absolute;
    relative = std::min(in_units, in_units_of(least, absolute));
    if (in_units * size(*this) < absolute) radius = in_units * size(*this);
    radius *= own_roundings, relative *= own_roundings;
    const Wide most = std::max(largest, exact ? 0 : Wide(count.terms) * count.reach);
    if (!(most <= std::numeric_limits<T>::max()) || std::isnan(radius) || !range.is_finite())
      radius = relative = infinity;
  }

  void become_one() {
    if (!constant_) begin();
  }

  /// It is one number from here on, whatever it was made of.
  void begin() {
    terms = 1, operations = 0;
    reach = std::max(magnitude + radius, Wide(1));
  }

  static Wide in_units_of(Wide unit, Wide x) { return x == 0 ? 0 : x / unit; }

  /// The least size that the value has at any point of the box.
  static Wide least_size(const Boxed& a) {
    return a.range.contains(0) ? 0 : std::min(std::fabs(a.range.low), std::fabs(a.range.high));
  }

  void forget_slopes() {
    base = range;
    slope = {};
  }

  void cost_power(Wide roundings, Wide floor) {
    const Wide share =
        roundings < Wide(0.5) ? roundings / (1 - roundings) * own_roundings : infinity;
    radius = share * magnitude + floor;
    relative = share + in_units_of(least_size(*this), floor);
  }

  /// A hyperparameter that a program has rounded to the format of the data.
  Boxed as_float() const {
    Boxed number = *this;
    number.range = {Wide(T(range.low)), Wide(T(range.high))};
    if (range.is_point()) {
      number.base = number.range;
    } else {
      number.base = base + Interval::within(u * std::max(size(*this), base.size()));
    }
    number.magnitude = number.range.size();
    return number;
  }

  /// Whether it is another number as an operand of a sum, such as 1 - beta.
  bool is_formed() const {
    return hyperparameter_ && (box->forming.any || box->forming.how.one_minus_rounded);
  }

  /// As an operand of a sum.
  Boxed summand() const {
    if (!is_formed()) return *this;
    if (box->forming.any) {
      Boxed number = *this;
      number.radius += u * magnitude;
      number.relative += u;
      return number;
    }
    return as_float();
  }

  /// An operation on two operands as they meet: a coefficient that meets data is rounded.
  static Boxed met(const Boxed& a, const Boxed& b, Boxed (*operation)(const Boxed&, const Boxed&)) {
    if (a.constant_ == b.constant_) return operation(a, b);
    return a.constant_ ? operation(a.rounded(), b) : operation(a, b.rounded());
  }

  Boxed rounded() const {
    Boxed coefficient = *this;
    coefficient.constant_ = false;
    if (radius != 0 || !range.is_point() || Wide(T(range.low)) != range.low) {
      coefficient.radius += u * magnitude + flushed;
      coefficient.relative += u * cancelled + in_units_of(least_size(*this), flushed);
    }
    coefficient.begin();
    return coefficient;
  }

  /// 1 where the number is at least 0 all over the box, -1 where it is less, 0 where it may be
  /// either.
  int sign() const { return range.low >= radius ? 1 : range.high < -radius ? -1 : 0; }
  bool is_zero() const { return range == Interval::point(0) && radius == 0; }
  bool is_one() const { return range.is_point() && range.size() == 1 && radius == 0; }
  bool is_constant_one() const { return constant_ && range == Interval::point(1) && radius == 0; }

  static Wide size(const Boxed& a) { return a.range.size(); }
  /// What meets another factor, as in AnyOrder, and in units of the value.
  static Wide spread(const Boxed& a) { return a.terms > 1 ? a.magnitude : size(a); }
  static Wide relative_spread(const Boxed& a) { return a.terms > 1 ? a.cancelled : 1; }

  bool varies_with(std::size_t i) const { return (varies_with_ >> i & 1u) != 0; }

  bool constant_ = true, hyperparameter_ = false;
  unsigned varies_with_ = 0;  ///< a bit for each side of the box
};

template <class T, class W>
thread_local const Sides<W>* Boxed<T, W>::box = nullptr;

}  // namespace truestep::identify
