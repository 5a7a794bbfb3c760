// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <concepts>

namespace truestep::proofs {

/// What a lane asks of its number type. A lane is one function over any number type, and what it
/// means is what the type makes of these operations: a vector computes, Expression writes down,
/// Ball bounds. README.md in this folder lists the types and what each reads out of a lane.
///
/// The concepts look at what a type says itself, by argument-dependent lookup, not at the
/// definitions that fast/lanes/lanes.hpp gives to types that say nothing. A type that orders its
/// numbers, such as float, may leave decay and the selections to these. A type in namespace
/// truestep::fast finds these by name even where they would not compile for it.
namespace vocabulary {

using std::fma;
using std::sqrt;

/// The type has + - * / and unary minus, and computes numbers of its own kind by them.
template <class Number>
concept Arithmetic = requires(const Number& a, const Number& b) {
  { a + b } -> std::convertible_to<Number>;
  { a - b } -> std::convertible_to<Number>;
  { a* b } -> std::convertible_to<Number>;
  { a / b } -> std::convertible_to<Number>;
  { -a } -> std::convertible_to<Number>;
};

/// The type has a square root.
template <class Number>
concept Rooted = requires(const Number& a) {
  { sqrt(a) } -> std::convertible_to<Number>;
};

/// The type has a b + c, rounded once.
template <class Number>
concept Fused = requires(const Number& a, const Number& b, const Number& c) {
  { fma(a, b, c) } -> std::convertible_to<Number>;
};

/// The type knows that the two v of (1 - w) v = v - w v are one number.
template <class Number>
concept Decaying = requires(const Number& w, const Number& v) {
  { decay(w, v) } -> std::convertible_to<Number>;
};

/// The type has the selection that AMSGrad makes: the larger of two.
template <class Number>
concept Maximal = requires(const Number& a, const Number& b) {
  { maximum(a, b) } -> std::convertible_to<Number>;
};

/// The type has x, or 0 where it is negative.
template <class Number>
concept Clipping = requires(const Number& x) {
  { at_least_zero(x) } -> std::convertible_to<Number>;
};

/// The type has a value where x > 0, and else 0.
template <class Number>
concept Choosing = requires(const Number& x, const Number& value) {
  { where_positive(x, value) } -> std::convertible_to<Number>;
};

}  // namespace vocabulary

/// The type speaks the lanes' whole vocabulary in words of its own.
template <class Number>
concept LaneNumber = vocabulary::Arithmetic<Number> && vocabulary::Rooted<Number> &&
    vocabulary::Fused<Number> && vocabulary::Decaying<Number> && vocabulary::Maximal<Number> &&
    vocabulary::Clipping<Number> && vocabulary::Choosing<Number>;

}  // namespace truestep::proofs
