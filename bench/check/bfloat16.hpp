// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include "storage.hpp"

namespace truestep::trial {

/// bfloat16 as a format of AnyOrder's, for programs that round each operation to it.
class Bfloat16 {
 public:
  explicit Bfloat16(double x) : value_(nearest(Format::bfloat16, x)) {}
  explicit Bfloat16(long double x) : Bfloat16(static_cast<double>(x)) {}

  explicit operator double() const { return value_; }
  operator long double() const { return value_; }
  Bfloat16& operator*=(const Bfloat16& other) { return *this = Bfloat16(value_ * other.value_); }

 private:
  double value_;
};

}  // namespace truestep::trial

/// AnyOrder charges n roundings as n u, where they come to (1 + u)^n - 1. In float the rest
/// disappears beside its inflation. Here it does not: the unit is a sixteenth larger than it is,
/// which is enough up to n = 30, more than any formula is charged at once:
///
///     (1 + u)^30 - 1 = 0.12407... <= 30 u (1 + 2^-4) = 0.12451..., u = 2^-8.
template <>
struct std::numeric_limits<truestep::trial::Bfloat16> {
  static constexpr int digits = 8;
  static constexpr double epsilon() { return 0x1.1p-7; }
  static constexpr double min() { return 0x1p-126; }
  static constexpr double max() { return 0x1.fep127; }
};
