// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "statistics.hpp"

namespace truestep::drift {

/// How numbers that are not negative spread, whatever the order and the parts in which they come.
///
/// The largest and the mean are exact. So are quantiles of at most `most_kept` numbers; of more
/// they are those of fixed bins, 512 to a power of two, of which a number is at most 2^-9 of itself
/// larger.
class Distribution {
 public:
  static constexpr std::size_t most_kept = 4096;

  void add(double x);
  Distribution& operator+=(const Distribution& other);

  bool empty() const { return count_ == 0; }
  std::uint64_t count() const { return count_; }
  bool is_binned() const { return count_ > most_kept; }
  double largest() const { return largest_; }
  /// NaN throughout where there is nothing.
  Spread spread() const;

  template <class Archive>
  friend void parts(Archive& archive, Distribution& of) {
    archive(of.count_, of.largest_, of.sum_, of.kept_, of.bins_);
  }

 private:
  static std::uint32_t bin_of(double x);
  void bin_what_was_kept();
  void add_to_bin(std::uint32_t bin, std::uint64_t count);
  double quantile(std::uint64_t percent) const;

  std::uint64_t count_ = 0;
  double largest_ = 0;
  ExactSum sum_;
  std::vector<double> kept_;
  static constexpr std::uint32_t bins_of_power = 512;
  /// By the power of two.
  std::map<std::uint32_t, std::array<std::uint64_t, bins_of_power>> bins_;
};

/// The largest of some numbers, or NaN where there are none.
class Largest {
 public:
  void add(double x) { value_ = any() && value_ >= x ? value_ : x; }
  Largest& operator+=(const Largest& other) {
    if (other.any()) add(other.value_);
    return *this;
  }
  bool any() const { return value_ == value_; }
  double value() const { return value_; }

  template <class Archive>
  friend void parts(Archive& archive, Largest& largest) {
    archive(largest.value_);
  }

 private:
  double value_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace truestep::drift
