// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "double_double.inl.hpp"

namespace truestep::fast {

using DoubleDouble = DoubleDoubleOf<double>;

/// The fraction of value, in [1/2, 1) or 0 or not finite, and its exponent: std::frexp, in a third
/// of its time.
inline std::pair<double, int> parted(double value) {
  constexpr int significand = std::numeric_limits<double>::digits - 1;
  constexpr std::uint64_t exponents = std::uint64_t{0x7ff} << significand;
  constexpr std::uint64_t half = std::uint64_t{0x3fe} << significand;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  if (std::isnormal(value))
    return {std::bit_cast<double>((bits & ~exponents) | half),
            static_cast<int>((bits & exponents) >> significand) -
                static_cast<int>(half >> significand)};
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  return {fraction, exponent};
}

/// value * 2^exponent, rounded once if it is subnormal. A product with a power of two that is a
/// normal number is the same, and takes a third of the time of std::ldexp.
inline double scaled_by(double value, int exponent) {
  using Limits = std::numeric_limits<double>;
  if (exponent < Limits::min_exponent - 1 || exponent >= Limits::max_exponent)
    return std::ldexp(value, exponent);
  const auto biased = static_cast<std::uint64_t>(exponent + Limits::max_exponent - 1);
  return value * std::bit_cast<double>(biased << (Limits::digits - 1));
}

/// value * 2^exponent rounded to the nearest T once: a double that is to become a float is first
/// rounded to odd, which makes the second rounding harmless. Below the smallest normal double the
/// result is within 1 ulp.
template <class T>
T round_to(DoubleDouble value, int exponent = 0) {
  double nearest = value.high + value.low;
  if constexpr (sizeof(T) < sizeof(double)) {
    const double rest = (value.high - nearest) + value.low;
    // The bits of a double are ordered like its absolute value.
    // No branch: half the values would mislead the processor.
    const auto bits = std::bit_cast<std::uint64_t>(nearest);
    const std::uint64_t moves = ~bits & static_cast<std::uint64_t>(rest != 0);
    const auto inward = static_cast<std::uint64_t>((rest > 0) != (nearest > 0));
    nearest = std::bit_cast<double>(bits + moves - 2 * (moves & inward));
  }
  return static_cast<T>(scaled_by(nearest, exponent));
}

/// Unrounded, for a format that only the caller knows.
template <>
inline DoubleDouble round_to(DoubleDouble value, int exponent) {
  return {scaled_by(value.high, exponent), scaled_by(value.low, exponent)};
}

}  // namespace truestep::fast
