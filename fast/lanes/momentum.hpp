// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <truestep/fast/momentum.hpp>

#include "forms.hpp"

namespace truestep::fast {

/// theta moves by the buffer; by learning_rate times the buffer; by Nesterov's sum of the buffer
/// and the gradient, with the factors that the buffer's own recurrence has; or by any such sum.
enum class Move { buffer, scaled_buffer, nesterov, sum };

struct MomentumForm {
  Move move = Move::buffer;

  static constexpr std::size_t count = 4;
  static constexpr MomentumForm at(std::size_t i) { return {static_cast<Move>(i)}; }
  constexpr std::size_t index() const { return static_cast<std::size_t>(move); }
};

constexpr Choice<MomentumForm> choice(const MomentumHyperparameters& h) {
  return {{h.learning_rate_site == LearningRateSite::buffer ? Move::buffer : Move::scaled_buffer},
          place_of_decay(h)};
}

constexpr const char* without_lane(const MomentumHyperparameters& h) {
  if (h.learning_rate_decay != 0) return "learning_rate_decay";
  return move_without_lane(h);
}

}  // namespace truestep::fast
