#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "forms.hpp"

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

/// The lanes over any number type that has + - * /, unary minus, and sqrt, fma, decay and the three
/// selections above by argument-dependent lookup: float, double, a Boost.Multiprecision number, a
/// running-error type.
///
/// The SIMD targets include the same files inside their own namespaces, because a function takes
/// the instruction set of the namespace that it is compiled in.
namespace lane {

using std::fma;
using std::sqrt;

#include "all.lane.hpp"

}  // namespace lane

/// The lanes of the rule that has these hyperparameters, in the order of its forms.
template <class Hyperparameters>
struct LanesOfRule;
template <>
struct LanesOfRule<MomentumHyperparameters> {
  using type = lane::MomentumLanes;
};
template <>
struct LanesOfRule<NagHyperparameters> {
  using type = lane::MomentumLanes;
};
template <>
struct LanesOfRule<AdagradHyperparameters> {
  using type = lane::AdagradLanes;
};
template <>
struct LanesOfRule<AdadeltaHyperparameters> {
  using type = lane::AdadeltaLanes;
};
template <>
struct LanesOfRule<RmspropHyperparameters> {
  using type = lane::RmspropLanes;
};
template <>
struct LanesOfRule<AdamHyperparameters> {
  using type = lane::AdamLanes;
};

/// Calls action.template operator()<Lane>() with the lane that the hyperparameters ask for.
template <class Hyperparameters, class Action>
void with_lane(const Hyperparameters& h, Action action) {
  const std::size_t wanted = choice(h).index();
  [&]<class... Lane>(std::type_identity<std::tuple<Lane...>>) {
    std::size_t index = 0;
    (void)((index++ == wanted && (action.template operator()<Lane>(), true)) || ...);
  }(std::type_identity<typename LanesOfRule<Hyperparameters>::type>());
}

}  // namespace truestep::fast
