#pragma once

#include <truestep/fast/coefficients.hpp>
#include <truestep/fast/double_double.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
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
    const auto exact = fast::coefficients<fast::DoubleDouble>(h, t);
    const auto at_counter = shown == t ? exact : fast::coefficients<fast::DoubleDouble>(h, shown);
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

/// What the lane calls a coefficient.
inline std::string coefficient_name(std::string_view rule, std::size_t index) {
  static const std::pair<std::string_view, std::vector<const char*>> known[] = {
      {"momentum", {"momentum", "learning_rate"}},
      {"nag", {"momentum", "learning_rate"}},
      {"adagrad", {"learning_rate", "epsilon"}},
      {"adadelta", {"w", "epsilon"}},
      {"rmsprop", {"w", "learning_rate", "epsilon"}},
      {"adam", {"w1", "w2", "alpha_t", "c_t", "epsilon"}}};
  for (const auto& [name, coefficients] : known)
    if (name == rule && index < coefficients.size()) return coefficients[index];
  return std::to_string(index);
}

}  // namespace truestep::drift
