// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exact_sum.hpp"

namespace truestep::drift {

/// How the errors of a quantity spread over the coordinates. A quantile is the smallest value that
/// at least that part of the values does not exceed.
struct Spread {
  double largest, mean, median, quantile_90, quantile_99;
};

/// How an error grows: as t^exponent, the slope of the least-squares line through log error over
/// log t, with the standard error that the points' distances from the line give it.
struct Growth {
  double exponent, standard_error;
  std::size_t points;

  /// "bounded", "as the square root of t", "as t" or "faster than t", whichever is nearest (0, 1/2,
  /// 1 or beyond 5/4); each of them that two standard errors either way may be nearest to.
  std::string kind() const;
};

/// The growth of an error, by the points (t, error) of the last two decades of t that are positive
/// and finite; none where there are fewer than three.
std::optional<Growth> growth(const std::vector<std::pair<std::uint64_t, double>>& points);

/// The steps at which an error first reached 10^-digit of the exact value.
struct DigitLoss {
  int digit;
  std::uint64_t first;                ///< in any coordinate
  std::optional<std::uint64_t> half;  ///< by which it had happened in half of the coordinates
};

/// When the decimal digits of some coordinates went.
class DigitCounts {
 public:
  static constexpr int most = 15;

  /// The relative error from which on a digit is lost: 10^-digit.
  static double threshold(int digit);

  void lose(int digit, std::uint64_t step) { ++count_[{-digit, step}]; }
  DigitCounts& operator+=(const DigitCounts& other);

  /// The digits that any of so many coordinates lost, the last one first.
  std::vector<DigitLoss> losses(std::uint64_t coordinates) const;

  template <class Archive>
  friend void parts(Archive& archive, DigitCounts& digits) {
    archive(digits.count_);
  }

 private:
  std::map<std::pair<int, std::uint64_t>, std::uint64_t> count_;  ///< by - digit, and step
};

/// What each source of error contributes to a drift, with its sign: the shares and the residual add
/// up to the drift.
struct Attribution {
  struct Share {
    std::string source;
    double contribution;
  };
  double drift = 0;
  std::vector<Share> shares = {};  ///< the largest first; those that are zero are left out
  double residual = 0;
  std::uint64_t left_out = 0;  ///< coordinates with an infinity or NaN, of which it says nothing
};

/// @param contributions  one for each source
Attribution attribution(double drift, std::span<const double> contributions,
                        const std::vector<std::string>& sources);

/// Adds up what was attributed in many coordinates, in any order: the sum of |drift|, to which a
/// contribution counts as positive where it has the sign of the drift. Coordinates whose drift
/// or a contribution to it is infinite or NaN are left out, and counted.
class Attributed {
 public:
  void add(double drift, std::span<const double> contributions);
  Attributed& operator+=(const Attributed& other);

  Attribution sum(const std::vector<std::string>& sources) const;

  template <class Archive>
  friend void parts(Archive& archive, Attributed& attributed) {
    archive(attributed.drift_, attributed.contributions_, attributed.left_out_);
  }

 private:
  ExactSum drift_;
  std::vector<ExactSum> contributions_;
  std::uint64_t left_out_ = 0;
};

}  // namespace truestep::drift
