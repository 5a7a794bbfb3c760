// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/coefficients/coefficients.hpp>
#include <truestep/fast/coefficients/double_double.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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
  using Values = std::array<EmulatedCoefficient, Rule::Lane::coefficients>;

  explicit EmulatedCoefficients(const Setup& setup)
      : count_(setup.in(setup.counter, 0)), round_(setup.coefficients) {}

  Values next(const typename Rule::Hyperparameters& h, std::uint64_t t) {
    counter_ = (Rounded::operand(count_, counter_) + Rounded::operand(count_, 1)).value();
    // Where a counter has overflowed, every power of a decay rate has long vanished.
    constexpr std::uint64_t greatest = std::uint64_t{1} << 63;
    const bool overflowed = !(counter_ < static_cast<double>(greatest));
    const auto shown = overflowed ? greatest : static_cast<std::uint64_t>(counter_);
    const auto at = [&](std::uint64_t step) {
      return fast::coefficients<fast::DoubleDouble, typename Rule::Hyperparameters,
                                typename Rule::Lane>(h, step);
    };
    const auto exact = at(t), at_counter = shown == t ? exact : at(shown);
    Values values;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double rounded = round_.round(at_counter[i].high, at_counter[i].low);
      values[i] = {rounded, exact[i].high, (rounded - at_counter[i].high) - at_counter[i].low,
                   (at_counter[i].high - exact[i].high) + (at_counter[i].low - exact[i].low)};
    }
    return values;
  }

 private:
  Arithmetic count_, round_;
  double counter_ = 0;
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
