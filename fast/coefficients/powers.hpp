// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "double_double.hpp"

namespace truestep::fast {

/// 1 - base^t of each base in [0, 1), for t in [1, 2^63], to a relative error of at most 2^-95.
///
/// No step subtracts nearly equal numbers, and neither magnifies the relative error of its
/// operands, so that each binary digit of t below the first adds the errors of one doubling and one
/// adding, and nothing more (proofs/theory/arithmetic/DoubleDouble.v).
///
/// The digits are taken from the first to the last, since those of t + 1 and t are mostly the same:
/// the squares and what the leading digits gave are kept for the next call, to which two additions
/// are left on average, whatever t. The bits do not depend on what is kept. All bases take each
/// step together, since the time is that of a chain of dependent operations.
template <std::size_t size>
class RememberedPowers {
 public:
  std::array<DoubleDouble, size> operator()(const std::array<double, size>& base, std::uint64_t t) {
    if (base != base_ || squares_ == 0) begin_with(base);
    const std::size_t first = std::bit_width(t) - 1;
    for (; squares_ <= first; ++squares_)
      for (std::size_t i = 0; i < size; ++i)
        square_[squares_][i] = doubled(square_[squares_ - 1][i]);
    // The digits below the first that differs, or all.
    std::size_t k = std::bit_width(t ^ t_);
    if (k > first) leading_[k = first] = square_[first];
    while (k-- > 0) {
      leading_[k] = leading_[k + 1];
      if (t >> k & 1)
        for (std::size_t i = 0; i < size; ++i)
          leading_[k][i] = added(square_[k][i], leading_[k][i]);
    }
    t_ = t;
    return leading_[0];
  }

 private:
  static constexpr std::size_t digits = std::numeric_limits<std::uint64_t>::digits;

  void begin_with(const std::array<double, size>& base) {
    base_ = base;
    for (std::size_t i = 0; i < size; ++i) square_[0][i] = two_sum(1, -base[i]);
    squares_ = 1;
    t_ = 0;
  }

  std::array<double, size> base_{};
  std::array<std::array<DoubleDouble, size>, digits> square_{};   ///< of k: 1 - base^(2^k)
  std::array<std::array<DoubleDouble, size>, digits> leading_{};  ///< of k: of t_ without k digits
  std::size_t squares_ = 0;                                       ///< known
  std::uint64_t t_ = 0;
};

}  // namespace truestep::fast
