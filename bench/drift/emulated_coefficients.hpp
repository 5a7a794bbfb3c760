#pragma once

#include <truestep/fast/coefficients/coefficients.hpp>
#include <truestep/fast/coefficients/double_double.hpp>

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

using Names = std::vector<std::string>;

inline Names names_of_form(const fast::MomentumForm& form) {
  if (form.move == fast::Move::buffer) return {"momentum", "learning_rate"};
  if (form.move == fast::Move::scaled_buffer) return {"momentum", "gain", "learning_rate"};
  if (form.move == fast::Move::nesterov) return {"momentum", "gain"};
  return {"momentum", "gain", "p", "q"};
}

inline Names names_of_form(const fast::AdagradForm& form) {
  Names names{"learning_rate", "epsilon"};
  if (form.averaged) names.push_back("w");
  if (form.decays_sum) names.push_back("weight_decay of the sum");
  return names;
}

inline Names names_of_form(const fast::AdadeltaForm& form) {
  if (form.scaled) return {"w", "epsilon", "learning_rate"};
  return {"w", "epsilon"};
}

inline Names names_of_form(const fast::RmspropForm& form) {
  Names names{"w", form.buffered ? "push" : "learning_rate", "epsilon"};
  if (form.corrected) names.insert(names.end(), {"correction", "root of the correction"});
  if (form.centered) names.push_back("w of the mean");
  if (form.buffered) names.insert(names.end(), {"momentum", "pull"});
  return names;
}

inline Names names_of_form(const fast::AdamForm& form) {
  Names names{"w1", "w2", "alpha_t", "c_t", "epsilon"};
  if (form.epsilon_in_root) names.push_back("epsilon_root");
  return names;
}

/// What the lane calls its coefficients.
template <class Hyperparameters>
Names coefficient_names(const Hyperparameters& h) {
  const auto [form, decay] = fast::choice(h);
  Names names = names_of_form(form);
  if (decay == fast::WeightDecay::gradient) names.push_back("weight_decay");
  if (decay == fast::WeightDecay::decoupled) names.push_back("learning_rate weight_decay");
  return names;
}

}  // namespace truestep::drift
