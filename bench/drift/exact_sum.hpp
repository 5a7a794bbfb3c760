// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace truestep::drift {

/// A sum of doubles without any rounding, so that their order is no matter.
///
/// A finite double is an integer times 2^-1074; the sum is kept in two's complement, with 64 bits
/// to spare above the largest double.
class ExactSum {
 public:
  void add(double x);
  ExactSum& operator+=(const ExactSum& other);

  /// Within 2^-52 of itself; infinite or NaN where what was added makes it so.
  double value() const;

  template <class Archive>
  friend void parts(Archive& archive, ExactSum& sum) {
    archive(sum.words_, sum.infinities_, sum.negative_infinities_, sum.nans_);
  }

 private:
  static constexpr std::size_t words = 34;

  void add_at(std::size_t word, std::uint64_t low, std::uint64_t high, bool negative);

  std::array<std::uint64_t, words> words_{};
  std::uint64_t infinities_ = 0, negative_infinities_ = 0, nans_ = 0;
};

}  // namespace truestep::drift
