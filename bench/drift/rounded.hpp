// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "arithmetic.hpp"

namespace truestep::drift {

/// A number of a format chosen at run time. Each operation gives its exact result, rounded once by
/// the arithmetic of its first operand.
class Rounded {
 public:
  Rounded() = default;  ///< only to be assigned to
  Rounded(Arithmetic& arithmetic, double x) : Rounded(&arithmetic, arithmetic.round(x)) {}

  /// A number that is only read: x as it is, whose operations `arithmetic` rounds.
  static Rounded operand(Arithmetic& arithmetic, double x) { return {&arithmetic, x}; }

  double value() const { return value_; }
  /// The error of the operation that made this number, while it is the last one.
  double error() const { return arithmetic_->error(); }

  friend Rounded operator-(const Rounded& a) { return {a.arithmetic_, -a.value_}; }

  friend Rounded operator+(const Rounded& a, const Rounded& b) {
    if (!ordinary(a, b)) return a.exactly(a.value_ + b.value_);
    return a.round(sum(Exact::of(a.value_), Exact::of(b.value_)));
  }

  friend Rounded operator-(const Rounded& a, const Rounded& b) { return a + -b; }

  friend Rounded operator*(const Rounded& a, const Rounded& b) {
    if (!ordinary(a, b)) return a.exactly(a.value_ * b.value_);
    return a.round(product(Exact::of(a.value_), Exact::of(b.value_)));
  }

  friend Rounded operator/(const Rounded& a, const Rounded& b) {
    if (!ordinary(a, b)) return a.exactly(a.value_ / b.value_);
    return a.round(quotient(Exact::of(a.value_), Exact::of(b.value_)));
  }

  friend Rounded sqrt(const Rounded& a) {
    if (!ordinary(a) || a.value_ < 0) return a.exactly(std::sqrt(a.value_));
    return a.round(root(Exact::of(a.value_)));
  }

  friend Rounded fma(const Rounded& a, const Rounded& b, const Rounded& c) {
    if (!ordinary(a, b) || !std::isfinite(c.value_))
      return a.exactly(std::fma(a.value_, b.value_, c.value_));
    const Exact ab = product(Exact::of(a.value_), Exact::of(b.value_));
    return a.round(c.value_ == 0 ? ab : sum(ab, Exact::of(c.value_)));
  }

  friend Rounded decay(const Rounded& weight, const Rounded& value) {
    return fma(-weight, value, value);
  }

  /// 0, in the same arithmetic.
  Rounded zero() const { return {arithmetic_, 0.0}; }

  // Selections do not round.
  friend Rounded maximum(const Rounded& a, const Rounded& b) {
    return a.value_ < b.value_ || std::isnan(b.value_) ? b : a;
  }
  friend Rounded at_least_zero(const Rounded& x) { return x.value_ < 0 ? x.zero() : x; }
  friend Rounded where_positive(const Rounded& x, const Rounded& value) {
    return x.value_ > 0 ? value : x.zero();
  }

 private:
  Rounded(Arithmetic* arithmetic, double value) : arithmetic_(arithmetic), value_(value) {}

  template <class... Numbers>
  static bool ordinary(const Numbers&... number) {
    return ((std::isfinite(number.value_) && number.value_ != 0) && ...);
  }

  Rounded round(const Exact& exact) const { return {arithmetic_, arithmetic_->round(exact)}; }
  Rounded exactly(double x) const { return {arithmetic_, arithmetic_->exactly(x)}; }

  Arithmetic* arithmetic_ = nullptr;
  double value_ = 0;
};

}  // namespace truestep::drift
