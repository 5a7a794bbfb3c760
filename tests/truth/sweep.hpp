// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <truestep/proofs/numbers/certified.hpp>

#include "../../bench/runs/instructions.hpp"
#include "situations.hpp"

namespace truestep::test {

using proofs::Certified, proofs::CertifiedWith, proofs::Slip;

/// Gradients, as the bit patterns of floats: `count` of them from `first` on, `stride` apart.
struct Patterns {
  std::uint64_t first = 0, stride = 1, count = std::uint64_t{1} << 32;

  std::uint32_t operator[](std::uint64_t i) const {
    return static_cast<std::uint32_t>(first + i * stride);
  }
};

/// The largest of a figure, and the gradient that it was first found at.
struct Worst {
  double figure = 0;
  std::uint32_t gradient = 0;

  void join(const Worst& other) {
    if (other.figure > figure || (other.figure == figure && other.gradient < gradient))
      *this = other;
  }
};

/// The spacing of floats at x, that of subnormals included. No function call, for SIMD's sake.
inline double ulp_of_float(double x) {
  constexpr std::uint64_t exponent = 0x7ff0'0000'0000'0000;
  const auto power = std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & exponent);
  constexpr double least = std::numeric_limits<float>::min();
  return (power > least ? power : least) * double{std::numeric_limits<float>::epsilon()};
}

/// What trying gradients showed of one quantity that the kernel stores. The errors are bounds of
/// the exact ones, the radius of the truth included.
struct Finding {
  std::string quantity;
  std::string proved;  ///< the constant in u times the magnitude, proofs/bounds.json
  /// Where the theorem's hypotheses hold; where an operation was subnormal, or lost to 0; where one
  /// overflowed, or the gradient is no number.
  std::uint64_t covered = 0, underflowed = 0, overflowed = 0;
  Worst in_bound = {};      ///< in u times the magnitude, of those covered
  Worst in_ulp = {};        ///< in ulp of the exact number, of those covered
  Worst in_ulp_below = {};  ///< in ulp of the exact number, of those that underflowed

  void join(const Finding& other);
  bool exceeds() const;
};

using runs::available_instructions, runs::Instructions;

/// One step from the situation with each of the gradients: the kernel against the reference in
/// certified double-double arithmetic, one finding for each state and theta.
///
/// Throws std::domain_error if the situation's coefficients do not meet the theorems' hypotheses.
std::vector<Finding> sweep(const Subject<float>& subject, const Situation& situation,
                           const Patterns& patterns, Instructions instructions);

/// The reference's states and theta after that step, a row for each, as the sweep has them.
std::vector<std::vector<Certified>> truths(const std::string& rule, const Situation& situation,
                                           std::span<const float> gradients,
                                           Instructions instructions);

}  // namespace truestep::test
