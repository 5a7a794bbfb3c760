// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/coefficients/coefficients.hpp>
#include <truestep/fast/coefficients/double_double.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit.hpp"
#include "rounded.hpp"
#include "setup.hpp"

namespace truestep::drift {

/// A coefficient in a set-up, and why it is not the exact one.
struct EmulatedCoefficient {
  double value, exact;
  double by_rounding, by_counter;
};

/// The coefficients of a rule, step after step, at what the set-up's counter shows.
template <class Rule>
class EmulatedCoefficients {
 public:
  using Values = std::vector<EmulatedCoefficient>;

  /// @param first_step  what the counter shows in the first step
  explicit EmulatedCoefficients(const Setup& setup, std::uint64_t first_step = 1)
      : count_(setup.in(setup.counter, 0)),
        round_(setup.coefficients),
        counter_(count_.round(static_cast<double>(first_step - 1))) {}

  Values next(const typename Rule::Hyperparameters& h, std::uint64_t t) {
    const double before = counter_;
    counter_ = (Rounded::operand(count_, counter_) + Rounded::operand(count_, 1)).value();
    if (counter_ == before && !stuck_) stuck_ = {t, counter_};
    // Where a counter has overflowed, every power of a decay rate has long vanished.
    constexpr std::uint64_t greatest = std::uint64_t{1} << 63;
    const bool overflowed = !(counter_ < static_cast<double>(greatest));
    const auto shown = overflowed ? greatest : static_cast<std::uint64_t>(counter_);
    const auto at = [&](std::uint64_t step) {
      return fast::coefficient_list<fast::DoubleDouble>(h, step);
    };
    const auto exact = at(t), at_counter = shown == t ? exact : at(shown);
    Values values;
    for (std::size_t i = 0; i < exact.size; ++i) {
      const auto shown_now = at_counter.values[i], ideal = exact.values[i];
      const double rounded = round_.round(shown_now.high, shown_now.low);
      values.push_back({rounded, ideal.high, (rounded - shown_now.high) - shown_now.low,
                        (shown_now.high - ideal.high) + (shown_now.low - ideal.low)});
    }
    return values;
  }

  /// The first step that the counter did not count.
  const std::optional<Stuck>& stuck() const { return stuck_; }

 private:
  Arithmetic count_, round_;
  double counter_;
  std::optional<Stuck> stuck_;
};

/// What the lane calls its coefficients.
template <class Hyperparameters>
std::vector<std::string> coefficient_names(const Hyperparameters& h) {
  std::vector<std::string> names;
  fast::with_lane(h, [&]<class Lane>() {
    names.assign(Lane::coefficient_names.begin(), Lane::coefficient_names.end());
  });
  return names;
}

}  // namespace truestep::drift
