// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

namespace truestep::drift {

/// A binary floating-point format, every number of which is a double.
struct Format {
  std::string name;
  int significand_bits;                   ///< with the leading one; at most 53
  int least_exponent, greatest_exponent;  ///< of the normal numbers, as in 1.5 x 2^exponent
  bool subnormals = true;                 ///< else what rounds to less than a normal number is zero
  /// Without it, as in OCP's e4m3, the last significand of the greatest exponent is NaN, and so
  /// is what overflows.
  bool infinity = true;
  bool saturates = false;  ///< what would be infinite is the largest number

  bool operator==(const Format&) const = default;

  /// A sign, its exponents, those of zero and infinity included, and the significand without its
  /// leading one, in 1, 2, 4 or 8 bytes.
  std::size_t bytes() const {
    const auto exponents = static_cast<unsigned>(greatest_exponent - least_exponent + 2 + infinity);
    const auto bits = static_cast<std::size_t>(significand_bits) +
                      static_cast<std::size_t>(std::bit_width(exponents - 1));
    return std::bit_ceil((bits + 7) / 8);
  }

  double largest() const {
    const double last_place = std::ldexp(1.0, greatest_exponent - significand_bits + 1);
    return (std::ldexp(1.0, greatest_exponent) - last_place) * 2 + (infinity ? last_place : 0);
  }
  /// The spacing of the numbers in [2^exponent, 2^(exponent + 1)), as a power of two.
  int spacing(int exponent) const {
    return std::max(exponent, least_exponent) - significand_bits + 1;
  }
};

inline const std::array formats{Format{"double", 53, -1022, 1023},
                                Format{"float", 24, -126, 127},
                                Format{"tf32", 11, -126, 127},
                                Format{"bfloat16", 8, -126, 127},
                                Format{"fp16", 11, -14, 15},
                                Format{.name = "fp8-e4m3",
                                       .significand_bits = 4,
                                       .least_exponent = -6,
                                       .greatest_exponent = 8,
                                       .infinity = false},
                                Format{"fp8-e5m2", 3, -14, 15}};

/// The format of that name, or that BITS:LEAST:GREATEST describes: significand bits with the
/// leading one, in [2, 53], and the exponents of the least and the greatest normal numbers, in
/// [-1022, 0] and [1, 1023]; ":flush" after them for a format without subnormals. fp16 is
/// 11:-14:15.
///
/// Throws std::invalid_argument, naming `role`, if there is none.
Format named_format(std::string_view role, const std::string& text);

/// Stochastic: away from zero with the probability that is the discarded part of the last place,
/// known to 64 bits, so that the mean of the result is the exact one to 2^-64 ulp.
enum class Rounding { nearest_even, toward_zero, stochastic };
/// In the order of Rounding.
inline constexpr std::array rounding_names{"nearest", "zero", "stochastic"};

/// Float's or double's.
template <class T>
const Format& format_of() {
  return formats[sizeof(T) == sizeof(double) ? 0 : 1];
}

}  // namespace truestep::drift
