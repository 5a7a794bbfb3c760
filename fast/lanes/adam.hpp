// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <truestep/fast/adam.hpp>

#include "forms.hpp"

namespace truestep::fast {

struct AdamForm {
  bool epsilon_in_root = false;  ///< besides the one outside it
  bool amsgrad = false;

  static constexpr std::size_t count = 4;
  static constexpr AdamForm at(std::size_t i) { return {(i & 1) != 0, (i & 2) != 0}; }
  constexpr std::size_t index() const { return (epsilon_in_root ? 1 : 0) + (amsgrad ? 2 : 0); }
};

constexpr Choice<AdamForm> choice(const AdamHyperparameters& h) {
  return {{.epsilon_in_root = h.epsilon_root != 0, .amsgrad = h.amsgrad}, place_of_decay(h)};
}

constexpr const char* without_lane(const AdamHyperparameters& h) {
  if (h.learning_rate_decay != 0) return "learning_rate_decay";
  if (h.bias_correction != BiasCorrection::divides && (h.corrects_m || h.corrects_v))
    return "bias_correction";
  if (h.amsgrad && h.largest_of != LargestOf::raw) return "largest_of";
  if (h.moment_ahead != MomentAhead::none) return "moment_ahead";
  if (h.state_used != StateUsed::current) return "state_used";
  return move_without_lane(h);
}

}  // namespace truestep::fast
