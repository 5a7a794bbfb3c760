// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/numbers/expression.hpp>

namespace truestep::test {

/// Expressions in a computation of which one operation is another: its result is negated.
class Altered {
 public:
  /// How many operations come before the one that is another.
  inline static int operations_left = 0;

  Altered(double literal = 0) : value_(literal) {}
  explicit Altered(const proofs::Expression& e) : value_(e) {}
  explicit operator proofs::Expression() const { return value_; }

  friend Altered operator-(const Altered& a) { return result(-a.value_); }
  friend Altered operator+(const Altered& a, const Altered& b) {
    return result(a.value_ + b.value_);
  }
  friend Altered operator-(const Altered& a, const Altered& b) {
    return result(a.value_ - b.value_);
  }
  friend Altered operator*(const Altered& a, const Altered& b) {
    return result(a.value_ * b.value_);
  }
  friend Altered operator/(const Altered& a, const Altered& b) {
    return result(a.value_ / b.value_);
  }
  friend Altered sqrt(const Altered& a) { return result(sqrt(a.value_)); }
  friend Altered fma(const Altered& a, const Altered& b, const Altered& c) {
    return result(fma(a.value_, b.value_, c.value_));
  }
  friend Altered decay(const Altered& weight, const Altered& value) {
    return result(decay(weight.value_, value.value_));
  }
  friend Altered maximum(const Altered& a, const Altered& b) {
    return result(maximum(a.value_, b.value_));
  }
  friend Altered at_least_zero(const Altered& x) { return result(at_least_zero(x.value_)); }
  friend Altered where_positive(const Altered& x, const Altered& value) {
    return result(where_positive(x.value_, value.value_));
  }

 private:
  static Altered result(const proofs::Expression& e) {
    return Altered(operations_left-- == 0 ? -e : e);
  }

  proofs::Expression value_;
};

}  // namespace truestep::test
