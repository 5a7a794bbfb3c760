// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <truestep/fast/rmsprop.hpp>

#include "forms.hpp"

namespace truestep::fast {

struct RmspropForm {
  bool buffered = false;
  bool epsilon_in_state = true;  ///< then the rest is false
  bool epsilon_outside = false, corrected = false, centered = false;
  bool keeps_negative = false;  ///< only where centered and not corrected

  static constexpr std::size_t clamped = 18, count = clamped + 4;
  static constexpr RmspropForm at(std::size_t i) {
    if (i < 2) return {.buffered = i == 1};
    if (i >= clamped)
      return {.buffered = i % 2 == 1,
              .epsilon_in_state = false,
              .epsilon_outside = i >= clamped + 2,
              .centered = true,
              .keeps_negative = true};
    const std::size_t rest = (i - 2) / 2;
    return {i % 2 == 1, false, (rest & 1) != 0, (rest & 2) != 0, (rest & 4) != 0};
  }
  constexpr std::size_t index() const {
    if (keeps_negative) return clamped + (buffered ? 1 : 0) + (epsilon_outside ? 2 : 0);
    const std::size_t rest = (epsilon_outside ? 1 : 0) + (corrected ? 2 : 0) + (centered ? 4 : 0);
    return (buffered ? 1 : 0) + (epsilon_in_state ? 0 : 2 + 2 * rest);
  }
};

template <>
inline constexpr std::size_t kernel_parts<RmspropHyperparameters> = 2;

constexpr Choice<RmspropForm> choice(const RmspropHyperparameters& h) {
  const auto place = h.epsilon_place;
  return {{.buffered = h.momentum != 0,
           .epsilon_in_state = place == EpsilonPlace::in_state,
           .epsilon_outside = place == EpsilonPlace::outside ||
                              (place == EpsilonPlace::inside_with_momentum && h.momentum == 0) ||
                              (place == EpsilonPlace::inside_when_centered && !h.centered),
           .corrected = h.corrected,
           .centered = h.centered,
           .keeps_negative = h.centered && h.negative_variance == NegativeVariance::kept},
          place_of_decay(h)};
}

constexpr const char* without_lane(const RmspropHyperparameters& h) {
  if (h.learning_rate_decay != 0) return "learning_rate_decay";
  if (h.epsilon_sign != EpsilonSign::added) return "epsilon_sign";
  if (choice(h).form.keeps_negative && h.corrected) return "negative_variance";
  if (h.momentum != 0 && h.nesterov_trace) return "nesterov_trace";
  return move_without_lane(h);
}

}  // namespace truestep::fast
