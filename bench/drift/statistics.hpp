// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace truestep::drift {

/// How the errors of a quantity spread over the coordinates.
struct Spread {
  double largest, mean, median, quantile_90, quantile_99;
};

/// A quantile is the smallest value that at least that part of the values does not exceed.
Spread spread(std::vector<double> values);

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

/// Watches the decimal digits of one coordinate go.
class Digits {
 public:
  static constexpr int most = 15;

  void see(std::uint64_t step, double relative_error);

  /// The step at which it was lost; 0 where it was not.
  std::uint64_t lost_at(int digit) const { return lost_at_[static_cast<std::size_t>(digit)]; }

 private:
  int kept_ = most;
  std::uint64_t lost_at_[most + 1] = {};
};

/// The digits that any of the coordinates lost, the last one first.
std::vector<DigitLoss> digit_losses(const std::vector<Digits>& coordinates);

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
};

/// @param contributions  one for each source
Attribution attribution(double drift, std::span<const double> contributions,
                        const std::vector<std::string>& sources);

/// Adds up what was attributed in many coordinates: the sum of |drift|, to which a contribution
/// counts as positive where it has the sign of the drift. Coordinates that are infinite or NaN are
/// left out.
class Attributed {
 public:
  void add(double drift, std::span<const double> contributions);

  Attribution sum(const std::vector<std::string>& sources) const {
    return attribution(drift_, contributions_, sources);
  }

 private:
  double drift_ = 0;
  std::vector<double> contributions_;
};

}  // namespace truestep::drift
