// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "audit.hpp"
#include "exact_run.hpp"
#include "row_arithmetic.hpp"
#include "statistics.hpp"

namespace truestep::drift {

/// A quantity of the exact run in a row of columns.
struct ExactRow {
  const double *high, *low, *radius;
};

/// The distances of some columns from exact, infinite where there is none, and those about which
/// the certificate leaves a doubt: whether exact is 0, or whether the next decimal digit is lost.
///
/// @param limits  relative distance from which on that digit is lost
/// @param sharp   whether a distance has to be known to 2^-24 of itself, and an ulp's exponent
void measure(std::span<const double> now, const ExactRow& exact, const Row& limits, bool sharp,
             Row& distance, std::array<std::int64_t, row_size>& doubtful);

/// What is seen of one quantity of a set-up in some columns, step after step.
class Comparison {
 public:
  explicit Comparison(std::size_t first_coordinate = 0);

  /// @param exact   has taken the step; what it has not certified well enough it runs again
  /// @param before  the values before it; empty where it was left out
  template <class Rule>
  void see(std::uint64_t t, std::size_t quantity, std::span<const double> before,
           std::span<const double> now, bool sharp, ExactRun<Rule>& exact) {
    std::array<std::int64_t, row_size> doubtful;
    const auto rows = [&] {
      return ExactRow{exact.high(quantity), exact.low(quantity), exact.radius(quantity)};
    };
    measure(now, rows(), limits_, sharp, distance_, doubtful);
    for (std::size_t i = 0; i < now.size(); ++i)
      if ((doubtful[i] != 0 || exact.moved(quantity, i) == ExactRun<Rule>::unknown) &&
          !exact.is_real(i)) {
        exact.demand(i);
        // What was measured of its other quantities stays within what the certificate allowed.
      }
    if (exact.any_is_real())
      for (std::size_t i = 0; i < now.size(); ++i)
        if (exact.is_real(i))
          distance_[i] = static_cast<double>(distance(now[i], exact.at(quantity, i)));
    const ExactRow now_exact = rows();
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (!before.empty())
        follow(t, quantity, i, before[i], now[i], now_exact.high[i],
               exact.moved(quantity, i) == ExactRun<Rule>::yes);
      ++updates_.values;
      if (!(std::fabs(now[i]) < infinity)) ++updates_.not_finite;
      lose_digits(t, i, std::fabs(now_exact.high[i]));
    }
  }

  double distance_of(std::size_t i) const { return distance_[i]; }
  const Updates& updates() const { return updates_; }
  const DigitCounts& digits() const { return digits_; }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();

  void follow(std::uint64_t t, std::size_t quantity, std::size_t i, double before, double now,
              double exact, bool should_move) {
    const bool is_lost = should_move && std::isfinite(now) && now == before;
    updates_.exact += should_move;
    updates_.lost += is_lost;
    const auto here = [&] { return First{t, first_ + i, now, exact}; };
    if (is_lost && !updates_.first_lost) updates_.first_lost = here();
    if (quantity > 0 && now == 0 && exact != 0 && !updates_.first_flushed)
      updates_.first_flushed = here();
  }

  void lose_digits(std::uint64_t t, std::size_t i, double size);

  std::size_t first_;
  Row distance_{}, limits_;
  std::array<unsigned char, row_size> kept_;
  Updates updates_;
  DigitCounts digits_;
};

}  // namespace truestep::drift
