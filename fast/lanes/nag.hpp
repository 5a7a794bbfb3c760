// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/nag.hpp>

#include "momentum.hpp"

namespace truestep::fast {

/// Whether Nesterov's sum has, at every step, the factors of the buffer's recurrence.
constexpr bool shares_factors(const NagHyperparameters& h) {
  return h.nesterov != NesterovForm::squared_momentum && h.dampening == 0 &&
         h.learning_rate_site == LearningRateSite::buffer &&
         h.first_buffer == FirstBuffer::recurrence;
}

constexpr Choice<MomentumForm> choice(const NagHyperparameters& h) {
  if (h.nesterov != NesterovForm::look_ahead)
    return {{shares_factors(h) ? Move::nesterov : Move::sum}, place_of_decay(h)};
  return {{h.learning_rate_site == LearningRateSite::buffer ? Move::buffer : Move::scaled_buffer},
          place_of_decay(h)};
}

constexpr const char* without_lane(const NagHyperparameters& h) {
  if (h.learning_rate_decay != 0) return "learning_rate_decay";
  if (h.weight_decay_place == WeightDecay::gradient && h.weight_decay != 0 &&
      h.weight_decay_point != DecayPoint::stored)
    return "weight_decay_point";
  return move_without_lane(h);
}

}  // namespace truestep::fast
