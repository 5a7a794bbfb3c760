// SPDX-License-Identifier: Apache-2.0
#include "comparison.hpp"

#include <bit>
#include <cmath>

#include "runs/instructions.hpp"

namespace truestep::drift {

void measure(std::span<const double> now, const ExactRow& exact, const Row& limits, bool sharp,
             Row& distance, std::array<std::int64_t, row_size>& doubtful) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double* const values = now.data();
  const std::size_t columns = now.size();
  runs::run_best([&, sharp] {
    for (std::size_t i = 0; i < columns; ++i) {
      const double high = exact.high[i], low = exact.low[i], radius = exact.radius[i];
      const double apart = std::fabs((values[i] - high) - low);
      const bool finite = apart < infinity;
      const double limit = limits[i] * std::fabs(high);
      // The digit is lost at the limit; and these two are within 2^-50 of what they stand for.
      const bool may_be_lost = (apart + radius) * (1 + 0x1p-50) >= limit;
      const bool is_lost = (apart - radius) * (1 - 0x1p-50) >= limit;
      const bool certain = radius < infinity;
      const bool known_zero = (high == 0) & (radius == 0);
      const bool known_sign = (std::fabs(high) > radius) | known_zero;
      // Next to a power of two its low part, if there is any, says what the exponent is.
      const bool is_power = (std::bit_cast<std::int64_t>(high) & 0xf'ffff'ffff'ffff) == 0;
      const bool known_spacing = !is_power | (std::fabs(low) > radius) | (radius == 0);
      const bool is_sharp = ((radius <= 0x1p-24 * apart) | (radius == 0)) & known_spacing;
      const bool known = certain & known_sign & (may_be_lost == is_lost) & (is_sharp | !sharp);
      distance[i] = finite ? apart : infinity;
      doubtful[i] = static_cast<std::int64_t>(!(known | (!finite & certain)));
    }
  });
}

Comparison::Comparison(std::size_t first_coordinate) : first_(first_coordinate) {
  kept_.fill(DigitCounts::most);
  limits_.fill(DigitCounts::threshold(DigitCounts::most));
}

void Comparison::lose_digits(std::uint64_t t, std::size_t i, double size) {
  const double apart = distance_[i];
  if (!(apart > 0)) return;
  // Every distance is infinitely many times as large as 0.
  while (kept_[i] > 0 && !(size > 0 && apart / size < limits_[i])) {
    digits_.lose(kept_[i], t);
    --kept_[i];
    limits_[i] =
        kept_[i] > 0 ? DigitCounts::threshold(kept_[i]) : std::numeric_limits<double>::infinity();
  }
}

}  // namespace truestep::drift
