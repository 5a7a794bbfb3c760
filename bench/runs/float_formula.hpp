// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

namespace truestep::compare {

/// A number type in which a formula of the reference runs in float as programs run it: what is
/// computed of constants alone stays double, and is rounded to float once, where it meets a float;
/// each operation on a float rounds to float.
class Float {
 public:
  Float(double constant = 0) : value_(constant) {}
  Float(int constant) : value_(constant) {}
  Float(std::uint64_t constant) : value_(static_cast<double>(constant)) {}

  static Float data(float value) { return {value, false}; }

  /// The value of data.
  float value() const { return static_cast<float>(value_); }

  friend Float operator-(const Float& a) { return {-a.value_, a.constant_}; }
  friend Float operator+(const Float& a, const Float& b) {
    return rounded(a, b, [](auto x, auto y) { return x + y; });
  }
  friend Float operator-(const Float& a, const Float& b) {
    return rounded(a, b, [](auto x, auto y) { return x - y; });
  }
  friend Float operator*(const Float& a, const Float& b) {
    return rounded(a, b, [](auto x, auto y) { return x * y; });
  }
  friend Float operator/(const Float& a, const Float& b) {
    return rounded(a, b, [](auto x, auto y) { return x / y; });
  }
  friend Float pow(const Float& a, const Float& n) {
    return rounded(a, n, [](auto x, auto y) { return std::pow(x, y); });
  }
  friend Float sqrt(const Float& a) {
    return a.constant_ ? Float(std::sqrt(a.value_)) : data(std::sqrt(a.value()));
  }
  friend bool operator==(const Float& a, const Float& b) { return a.value_ == b.value_; }
  friend bool operator<(const Float& a, const Float& b) { return a.value_ < b.value_; }
  friend bool operator>(const Float& a, const Float& b) { return b < a; }

 private:
  Float(double value, bool constant) : value_(value), constant_(constant) {}

  template <class Operation>
  static Float rounded(const Float& a, const Float& b, Operation operation) {
    return a.constant_ && b.constant_ ? Float(operation(a.value_, b.value_))
                                      : data(operation(a.value(), b.value()));
  }

  double value_;
  bool constant_ = true;
};

}  // namespace truestep::compare
