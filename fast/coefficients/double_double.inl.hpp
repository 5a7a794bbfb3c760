// SPDX-License-Identifier: Apache-2.0
// Arithmetic to twice a number type's precision. No include guard: double_double.hpp includes this
// for double and for types that record, corrections.inl.hpp once more per SIMD target, because a
// function takes the instruction set of the namespace that it is compiled in.
#include <cmath>
#include <type_traits>

#ifdef HWY_TARGET
#define TRUESTEP_DOUBLE_DOUBLE truestep::fast::HWY_NAMESPACE
HWY_BEFORE_NAMESPACE();
#else
#define TRUESTEP_DOUBLE_DOUBLE truestep::fast
#endif
namespace TRUESTEP_DOUBLE_DOUBLE {

template <class Number>
struct DoubleDoubleOf;

/// a + b exactly.
template <class Number>
DoubleDoubleOf<Number> two_sum(std::type_identity_t<Number> a, Number b) {
  const Number sum = a + b, b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

/// a + b exactly, for |a| >= |b|.
template <class Number>
DoubleDoubleOf<Number> fast_two_sum(Number a, Number b) {
  const Number sum = a + b;
  return {sum, b - (sum - a)};
}

/// a * b exactly.
template <class Number>
DoubleDoubleOf<Number> two_product(Number a, Number b) {
  using std::fma;
  const Number product = a * b;
  return {product, fma(a, b, -product)};
}

/// An unevaluated sum high + low with |low| <= ulp(high) / 2: about 106 significant bits out of
/// IEEE double operations alone, hence the same bits on every machine.
///
/// Error of + - * / and sqrt: at most 2^-102 relative (Joldes, Muller, Popescu 2017, algorithms
/// AccurateDWPlusDW, DWPlusFP, DWTimesDW1, DWDivDW2; Lefevre, Louvet, Muller, Picot, Rideau 2023
/// for sqrt), while no operand or partial product leaves the normal range: scaled.hpp keeps
/// the exponents of hyperparameters apart. Of *, and of the sum of two positive numbers, 2^-102 is
/// proved (proofs/theory/arithmetic/DoubleDouble.v, with the ranges); of / and sqrt, 2^-98, which
/// is enough.
///
/// @tparam Number  double; a number type that records its operations shows what the theorems in
///                 proofs/theory/arithmetic/DoubleDouble.v are about
template <class Number>
struct DoubleDoubleOf {
  Number high, low;

  constexpr DoubleDoubleOf(Number value = 0) : DoubleDoubleOf(value, 0) {}
  constexpr DoubleDoubleOf(Number h, Number l) : high(h), low(l) {}

  friend DoubleDoubleOf operator-(const DoubleDoubleOf& a) { return {-a.high, -a.low}; }

  friend DoubleDoubleOf operator+(const DoubleDoubleOf& a, const DoubleDoubleOf& b) {
    const auto highs = two_sum(a.high, b.high), lows = two_sum(a.low, b.low);
    const auto sum = fast_two_sum(highs.high, highs.low + lows.high);
    return fast_two_sum(sum.high, sum.low + lows.low);
  }

  friend DoubleDoubleOf operator-(const DoubleDoubleOf& a, const DoubleDoubleOf& b) {
    return a + -b;
  }

  friend DoubleDoubleOf operator-(const Number& a, const DoubleDoubleOf& b) {
    const auto sum = two_sum(a, -b.high);
    return fast_two_sum(sum.high, sum.low - b.low);
  }

  friend DoubleDoubleOf operator*(const DoubleDoubleOf& a, const DoubleDoubleOf& b) {
    const auto product = two_product(a.high, b.high);
    return fast_two_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
  }

  friend DoubleDoubleOf operator/(const DoubleDoubleOf& a, const DoubleDoubleOf& b) {
    const Number quotient = a.high / b.high;
    const DoubleDoubleOf product = b * quotient;
    const Number rest = (a.high - product.high) + (a.low - product.low);
    return fast_two_sum(quotient, rest / b.high);
  }

  friend DoubleDoubleOf sqrt(const DoubleDoubleOf& a) {
    using std::sqrt;
    const Number root = sqrt(a.high);
    const DoubleDoubleOf rest = a - two_product(root, root);
    return fast_two_sum(root, rest.high / (2 * root));
  }
};

/// 1 - b^(2n), from x = 1 - b^n: 2 x - x^2, to a relative error of at most 14 x 2^-106.
template <class Number>
DoubleDoubleOf<Number> doubled(DoubleDoubleOf<Number> x) {
  const auto square = two_product(x.high, x.high);
  const auto sum = fast_two_sum(2 * x.high, -square.high);
  const Number low = 2 * (x.low - x.high * x.low);
  return fast_two_sum(sum.high, (sum.low - square.low) + low);
}

/// 1 - b^(m+n), from x = 1 - b^n and y = 1 - b^m: x + (1 - x) y, to a relative error of at most
/// 17 x 2^-106.
template <class Number>
DoubleDoubleOf<Number> added(DoubleDoubleOf<Number> x, DoubleDoubleOf<Number> y) {
  const auto rest = 1 - x;
  const auto product = two_product(rest.high, y.high);
  const auto sum = two_sum(x.high, product.high);
  const Number low = product.low + (rest.high * y.low + rest.low * y.high);
  return fast_two_sum(sum.high, sum.low + (x.low + low));
}

}  // namespace TRUESTEP_DOUBLE_DOUBLE
#undef TRUESTEP_DOUBLE_DOUBLE
#ifdef HWY_TARGET
HWY_AFTER_NAMESPACE();
#endif
