// SPDX-License-Identifier: Apache-2.0
#include "distribution.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace truestep::drift {

std::uint32_t Distribution::bin_of(double x) {
  return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(x) >> 43);
}

void Distribution::add(double x) {
  x = std::fabs(x);  // No zero has a sign here.
  ++count_;
  largest_ = std::isnan(x) || x > largest_ ? x : largest_;
  sum_.add(x);
  if (count_ <= most_kept) {
    kept_.push_back(x);
    return;
  }
  bin_what_was_kept();
  add_to_bin(bin_of(x), 1);
}

void Distribution::bin_what_was_kept() {
  for (const double x : kept_) add_to_bin(bin_of(x), 1);
  kept_.clear();
  kept_.shrink_to_fit();
}

void Distribution::add_to_bin(std::uint32_t bin, std::uint64_t count) {
  bins_[bin / bins_of_power][bin % bins_of_power] += count;
}

Distribution& Distribution::operator+=(const Distribution& other) {
  count_ += other.count_;
  largest_ = std::isnan(other.largest_) || other.largest_ > largest_ ? other.largest_ : largest_;
  sum_ += other.sum_;
  kept_.insert(kept_.end(), other.kept_.begin(), other.kept_.end());
  if (is_binned()) bin_what_was_kept();
  for (const auto& [power, counts] : other.bins_) {
    auto& mine = bins_[power];
    for (std::size_t i = 0; i < bins_of_power; ++i) mine[i] += counts[i];
  }
  return *this;
}

/// The smallest value that at least that part of the values does not exceed; of bins the least
/// number of its bin.
double Distribution::quantile(std::uint64_t percent) const {
  const std::uint64_t rank = (percent * count_ + 99) / 100;
  if (!is_binned()) return kept_[rank - 1];
  std::uint64_t so_far = 0;
  for (const auto& [power, counts] : bins_)
    for (std::uint32_t i = 0; i < bins_of_power; ++i)
      if ((so_far += counts[i]) >= rank)
        return std::bit_cast<double>(std::uint64_t{power * bins_of_power + i} << 43);
  return largest_;
}

Spread Distribution::spread() const {
  if (empty()) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return {none, none, none, none, none};
  }
  Distribution sorted = *this;
  std::sort(sorted.kept_.begin(), sorted.kept_.end());
  return {largest_, sum_.value() / static_cast<double>(count_), sorted.quantile(50),
          sorted.quantile(90), sorted.quantile(99)};
}

}  // namespace truestep::drift
