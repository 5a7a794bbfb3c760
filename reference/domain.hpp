// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>

#include "axes.hpp"

#if defined __FAST_MATH__ && !defined TRUESTEP_REFERENCE_UNDER_FAST_MATH
#error "-ffast-math breaks the reference; TRUESTEP_REFERENCE_UNDER_FAST_MATH has it all the same"
#endif

namespace truestep::reference {

using namespace axes;

/// Throws std::invalid_argument "RULE: NAME = VALUE is outside RANGE" unless `inside`.
template <class Value>
void require(bool inside, const char* rule, const char* name, Value value, const char* range) {
  if (inside) return;
  std::ostringstream message;
  message.precision(17);
  message << rule << ": " << name << " = " << value << " is outside " << range;
  throw std::invalid_argument(message.str());
}

/// Throws std::invalid_argument "RULE: REASON" unless `sensible`.
inline void require_sense(bool sensible, const char* rule, const char* reason) {
  if (!sensible) throw std::invalid_argument(std::string(rule) + ": " + reason);
}

/// Throws std::runtime_error where the processor flushes subnormal numbers to zero, as it does in a
/// program that was linked with -ffast-math: a small number would be another than the one given.
inline void require_subnormal_numbers(const char* rule) {
  const volatile double smallest_normal = std::numeric_limits<double>::min();
  const volatile double half = smallest_normal / 2;
  if (half == 0)
    throw std::runtime_error(std::string(rule) +
                             ": the processor flushes subnormal numbers to zero; the reference "
                             "needs them");
}

/// A learning rate or an epsilon.
inline void require_non_negative(const char* rule, const char* name, double value) {
  require(value >= 0 && std::isfinite(value), rule, name, value, "[0, infinity)");
}

/// The weight that a recurrence gives to its past.
inline void require_weight(const char* rule, const char* name, double value) {
  require(value >= 0 && value < 1, rule, name, value, "[0, 1)");
}

/// The number of a step; the first is 1.
inline void require_counted(const char* rule, std::uint64_t t) {
  require(t >= 1 && t <= std::uint64_t{1} << 63, rule, "t", t, "[1, 2^63]");
}

/// The larger of two numbers; NaN if one is.
template <class Number>
Number maximum(const Number& a, const Number& b) {
  return a < b || b != b ? b : a;
}

/// `value` where x > 0, else 0.
template <class Number>
Number where_positive(const Number& x, const Number& value) {
  return x > 0 ? value : Number(0);
}

/// `value` where x and y have one sign, 0 being positive; else 0.
template <class Number>
Number where_alike(const Number& x, const Number& y, const Number& value) {
  return (x < 0) == (y < 0) ? value : Number(0);
}

}  // namespace truestep::reference
