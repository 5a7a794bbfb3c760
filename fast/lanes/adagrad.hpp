// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <truestep/fast/adagrad.hpp>

#include "forms.hpp"

namespace truestep::fast {

struct AdagradForm {
  bool epsilon_outside = false, no_step_at_zero = false, averaged = false;
  bool decays_sum = false;  ///< weight decay enters the sum alone; `at` and `index` leave it out

  static constexpr std::size_t count = 8;
  static constexpr AdagradForm at(std::size_t i) {
    return {(i & 1) != 0, (i & 2) != 0, (i & 4) != 0};
  }
  constexpr std::size_t index() const {
    return (epsilon_outside ? 1 : 0) + (no_step_at_zero ? 2 : 0) + (averaged ? 4 : 0);
  }
};

/// Adagrad has a place more: decay that enters the sum alone excludes the others, and comes last.
template <>
struct Choice<AdagradForm> {
  AdagradForm form;
  WeightDecay decay = WeightDecay::none;

  static constexpr std::size_t ordinary = AdagradForm::count * decay_places;
  static constexpr std::size_t count = ordinary + AdagradForm::count;
  static constexpr Choice at(std::size_t i) {
    if (i < ordinary) return {AdagradForm::at(i / decay_places), decay_place(i % decay_places)};
    Choice choice{AdagradForm::at(i - ordinary)};
    choice.form.decays_sum = true;
    return choice;
  }
  constexpr std::size_t index() const {
    if (form.decays_sum) return ordinary + form.index();
    return form.index() * decay_places + static_cast<std::size_t>(decay);
  }
};

constexpr Choice<AdagradForm> choice(const AdagradHyperparameters& h) {
  return {{.epsilon_outside = h.epsilon_place == EpsilonPlace::outside,
           .no_step_at_zero = h.zero_denominator == ZeroDenominator::no_step,
           .averaged = h.momentum != 0,
           .decays_sum = h.weight_decay != 0 && h.weight_decay_place == WeightDecay::accumulator},
          place_of_decay(h)};
}

constexpr const char* without_lane(const AdagradHyperparameters& h) { return move_without_lane(h); }

}  // namespace truestep::fast
