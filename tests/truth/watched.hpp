// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace truestep::test {

/// What a lane's operation met that the theorems about one step exclude.
enum Lost : std::int32_t { nothing = 0, underflow = 1, overflow = 2 };

/// The number type in which a lane tells, float by float, what the theorems need: the magnitude
/// that a constant is relative to (theory/step/Apriori.v, proofs/numbers/magnitude.hpp) at the
/// exact coefficients, and whether an operation left the normal range on the way. A sum or a
/// difference of floats that is subnormal is exact; any other result up to the smallest normal
/// number counts as lost, since it may have been rounded up to it, unless it is exactly 0.
struct Watched {
  float value = 0;
  std::int32_t lost = nothing;
  double magnitude = 0;

  Watched() = default;
  Watched(float exact) : value(exact), magnitude(std::fabs(static_cast<double>(exact))) {}
  /// A coefficient, with the exact expression that it was rounded from.
  Watched(float rounded, double exact) : value(rounded), magnitude(std::fabs(exact)) {}

  friend Watched operator-(const Watched& a) { return {-a.value, a.lost, a.magnitude}; }
  friend Watched operator+(const Watched& a, const Watched& b) {
    return {a.value + b.value, a.lost | b.lost, a.magnitude + b.magnitude, true};
  }
  friend Watched operator-(const Watched& a, const Watched& b) { return a + -b; }
  friend Watched operator*(const Watched& a, const Watched& b) {
    return {a.value * b.value, a.lost | b.lost, a.magnitude * b.magnitude,
            bool((a.value == 0) | (b.value == 0))};
  }
  friend Watched operator/(const Watched& a, const Watched& b) {
    return {a.value / b.value, a.lost | b.lost, a.magnitude / b.magnitude, a.value == 0};
  }
  friend Watched sqrt(const Watched& a) {
    return {std::sqrt(a.value), a.lost, std::sqrt(a.magnitude), a.value == 0};
  }
  /// A product of floats is exact in double, and so its sum with a float is 0 only if it is.
  friend Watched fma(const Watched& a, const Watched& b, const Watched& c) {
    const double product = static_cast<double>(a.value) * static_cast<double>(b.value);
    return {std::fma(a.value, b.value, c.value), a.lost | b.lost | c.lost,
            a.magnitude * b.magnitude + c.magnitude, product == -static_cast<double>(c.value)};
  }
  friend Watched decay(const Watched& weight, const Watched& a) {
    return {std::fma(-weight.value, a.value, a.value), weight.lost | a.lost,
            (1 - weight.magnitude) * a.magnitude, bool((a.value == 0) | (weight.value == 1))};
  }
  friend Watched maximum(const Watched& a, const Watched& b) {
    const bool second = (a.value < b.value) | (b.value != b.value);
    return {second ? b.value : a.value, a.lost | b.lost,
            a.magnitude < b.magnitude ? b.magnitude : a.magnitude};
  }
  friend Watched at_least_zero(const Watched& x) {
    return {x.value < 0 ? 0 : x.value, x.lost, x.magnitude};
  }
  friend Watched where_positive(const Watched& x, const Watched& then) {
    return {x.value > 0 ? then.value : 0, x.lost | then.lost,
            x.magnitude > 0 ? then.magnitude : 0};
  }

 private:
  Watched(float v, std::int32_t l, double m) : value(v), lost(l), magnitude(m) {}
  /// @param exact  whether the result was not rounded wherever it is subnormal or 0
  Watched(float v, std::int32_t l, double m, bool exact) : value(v), lost(l), magnitude(m) {
    using Limits = std::numeric_limits<float>;
    const float size = std::fabs(v);
    lost |= ((size <= Limits::min()) & !exact) ? underflow : nothing;
    lost |= size <= Limits::max() ? nothing : overflow;
  }
};

}  // namespace truestep::test
