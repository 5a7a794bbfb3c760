// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

/// What the lanes are written in: the arithmetic + - * /, unary minus, and by argument-dependent
/// lookup sqrt, fma, decay and the three selections below. Any number type will do that has them:
/// float, double, a Boost.Multiprecision number, a running-error type.
///
/// Each lane's comment says between which orders of operations it was chosen, by the figures that
/// `truestep_orders RULE` prints: the largest error of one step, and the drift after 10^4 steps of
/// random / of constant gradients, float in u = 2^-24; the time over the chosen order's for 16K
/// floats (Zen 4, AVX2, g++ 12).
namespace truestep::fast {

/// The observer of a kernel that nobody watches: it costs nothing.
///
/// A lane shows each quantity that it forms, by name, to an observer: any callable that takes
/// (std::string_view name, const Number& value).
struct Unobserved {
  template <class Number>
  void operator()(std::string_view, const Number&) const {}
};

/// (1 - weight) * value, rounded once.
///
/// `value` occurs twice, which arithmetic on error radii cannot see; a number type that carries one
/// overloads this name and knows that the error of `value` shrinks by the factor 1 - weight.
template <class Number>
Number decay(const Number& weight, const Number& value) {
  using std::fma;
  return fma(-weight, value, value);
}

/// The larger of a and b, which no rounding touches; NaN if either is.
template <class Number>
Number maximum(const Number& a, const Number& b) {
  return a < b || b != b ? b : a;
}

/// x, or 0 where it is negative.
template <class Number>
Number at_least_zero(const Number& x) {
  return x < 0 ? Number(0) : x;
}

/// `value` where x > 0, else 0.
template <class Number>
Number where_positive(const Number& x, const Number& value) {
  return x > 0 ? value : Number(0);
}

/// The names of a lane's coefficients or states, of which a form has only some, in the lane's
/// order. It does not compile where they are not `size`.
template <std::size_t size>
consteval std::array<std::string_view, size> names(
    std::initializer_list<std::pair<bool, std::string_view>> all) {
  std::array<std::string_view, size> present;
  std::size_t count = 0;
  for (const auto& [is_present, name] : all)
    if (is_present) present.at(count++) = name;
  if (count != size) throw "a lane has a name for each of its coefficients and states";
  return present;
}

/// Float and double find their operations where the lanes over plain numbers are.
namespace lane {
using std::fma;
using std::sqrt;
}  // namespace lane

}  // namespace truestep::fast
