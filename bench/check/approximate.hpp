// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/numbers/any_order.hpp>

#include <concepts>
#include <cstdint>
#include <limits>

namespace truestep::trial {

/// AnyOrder of a program whose quotients and roots of data are not rounded but approximated, as
/// -ffast-math makes them of float vectors on x86: a table's reciprocal r of b, or reciprocal root,
/// within e = 1.5 x 2^-12 (RCPPS, RSQRTPS), and one step of Newton's after it. With u = 2^-24,
/// where e^2 = 2.25 u, and to first order in u:
///
///     a / b    r' = 2 r - b r r     e^2, two roundings of b r r, one of the difference
///              a r'                 one: 6.25 u in all
///     sqrt b   r' = r (3 - b r r) / 2   3/2 e^2, half of two roundings of b r r and one of the
///                                   difference, one of the product
///              b r'                 one: 3.4 u + 4 u in all
///
/// What is left out, higher powers of e and u, is less than the rest to 8 u.
///
/// And one that makes beta^n of float products in whatever order: n - 1 roundings at most, of which
/// each is u of the result to first order, and n u / (1 - n u) of it in all.
template <class Exact, bool approximates, bool multiplies>
class Approximate {
 public:
  using Format = typename Exact::Format;

  long double value = 0, radius = 0, magnitude = 0;

  Approximate() = default;
  template <std::integral Integer>
  Approximate(Integer exact) : Approximate(Exact(exact), true) {}
  Approximate(double exact) : Approximate(Exact(exact), true) {}

  static Approximate data(Format exact) { return {Exact::data(exact), false}; }

  /// A state as the next step finds it.
  Approximate stored() const { return {exact_.stored(), false}; }

  bool bounded() const { return exact_.bounded(); }

  friend bool operator==(const Approximate& a, const Approximate& b) {
    return a.exact_ == b.exact_;
  }
  friend Approximate operator-(const Approximate& a) { return {-a.exact_, a.constant_}; }
  friend Approximate operator+(const Approximate& a, const Approximate& b) {
    return {a.exact_ + b.exact_, a.constant_ && b.constant_};
  }
  friend Approximate operator-(const Approximate& a, const Approximate& b) {
    return {a.exact_ - b.exact_, a.constant_ && b.constant_};
  }
  friend Approximate operator*(const Approximate& a, const Approximate& b) {
    return {a.exact_ * b.exact_, a.constant_ && b.constant_};
  }
  friend Approximate operator/(const Approximate& a, const Approximate& b) {
    return approximated(a.exact_ / b.exact_, a.constant_ && b.constant_);
  }
  friend Approximate sqrt(const Approximate& a) {
    return approximated(sqrt(a.exact_), a.constant_);
  }
  friend Approximate pow(const Approximate& x, const Approximate& n) {
    constexpr long double unit = std::numeric_limits<Format>::epsilon() / 2;
    Exact power = pow(x.exact_, n.exact_);
    const long double roundings = n.value * unit;
    if (multiplies && n.value > 1)
      power.radius = roundings < 1 ? roundings / (1 - roundings) * power.magnitude
                                   : std::numeric_limits<long double>::infinity();
    return {power, true};
  }
  friend Approximate maximum(const Approximate& a, const Approximate& b) {
    return {maximum(a.exact_, b.exact_), a.constant_ && b.constant_};
  }
  friend Approximate where_positive(const Approximate& x, const Approximate& then) {
    return {where_positive(x.exact_, then.exact_), x.constant_ && then.constant_};
  }

  friend Approximate where_alike(const Approximate& x, const Approximate& y,
                                 const Approximate& then) {
    return {where_alike(x.exact_, y.exact_, then.exact_),
            x.constant_ && y.constant_ && then.constant_};
  }

 private:
  Approximate(const Exact& exact, bool constant)
      : value(exact.value),
        radius(exact.radius),
        magnitude(exact.magnitude),
        exact_(exact),
        constant_(constant) {}

  static Approximate approximated(Exact result, bool constant) {
    constexpr long double unit = std::numeric_limits<Format>::epsilon() / 2;
    if (approximates && !constant) result.radius += 8 * unit * (result.magnitude + result.radius);
    return {result, constant};
  }

  Exact exact_ = {};
  bool constant_ = true;
};

}  // namespace truestep::trial
