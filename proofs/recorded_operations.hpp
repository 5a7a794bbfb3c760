// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include <truestep/fast/coefficients/double_double.hpp>

#include <truestep/proofs/numbers/expression.hpp>

namespace truestep::proofs {

/// An operation of fast/coefficients/double_double.hpp, and the theorem in
/// theory/arithmetic/DoubleDouble.v that says what it is and rests on what was recorded.
/// @tparam Number  Expression, or a number type made from one that becomes one again
template <class Number>
struct CoefficientOperation {
  using Pair = fast::DoubleDoubleOf<Number>;

  std::string_view name, theorem;
  Pair (*run)(Pair x, Pair y);

  /// Over the variables x_high, x_low, y_high and y_low.
  fast::DoubleDoubleOf<Expression> recorded() const {
    const auto named = [](const char* variable) { return Number(Expression::variable(variable)); };
    const Pair result = run({named("x_high"), named("x_low")}, {named("y_high"), named("y_low")});
    return {Expression(result.high), Expression(result.low)};
  }
};

/// Every operation that a coefficient is made of, but roundings.
template <class Number>
constexpr auto coefficient_operations() {
  using Pair = fast::DoubleDoubleOf<Number>;
  return std::to_array<CoefficientOperation<Number>>({
      {"complement", "complement_value", [](Pair x, Pair) { return fast::two_sum(1, -x.high); }},
      {"doubled", "doubled_value", [](Pair x, Pair) { return doubled(x); }},
      {"added", "added_value", [](Pair x, Pair y) { return added(x, y); }},
      {"sum", "sum_of_two_within", [](Pair x, Pair y) { return x + y; }},
      {"product", "product_of_two_within", [](Pair x, Pair y) { return x * y; }},
      {"quotient", "quotient_within", [](Pair x, Pair y) { return x / y; }},
      {"root", "root_within", [](Pair x, Pair) { return sqrt(x); }},
  });
}

}  // namespace truestep::proofs
