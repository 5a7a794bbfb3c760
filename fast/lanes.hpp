#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <tuple>

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

/// The lanes over any number type that has + - * /, unary minus, and sqrt, fma and decay by
/// argument-dependent lookup: float, double, a Boost.Multiprecision number, a running-error type.
///
/// The SIMD targets include the same files inside their own namespaces, because a function takes
/// the instruction set of the namespace that it is compiled in.
namespace lane {

using std::fma;
using std::sqrt;

#include "all.lane.hpp"

}  // namespace lane
}  // namespace truestep::fast
