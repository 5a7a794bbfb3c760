// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <truestep/fast/adadelta.hpp>

#include "forms.hpp"

namespace truestep::fast {

struct AdadeltaForm {
  bool scaled = false;              ///< by a learning rate that is not 1
  bool accumulates_scaled = false;  ///< only where scaled

  static constexpr std::size_t count = 3;
  static constexpr AdadeltaForm at(std::size_t i) { return {i > 0, i > 1}; }
  constexpr std::size_t index() const { return (scaled ? 1 : 0) + (accumulates_scaled ? 1 : 0); }
};

constexpr Choice<AdadeltaForm> choice(const AdadeltaHyperparameters& h) {
  const bool scaled = h.learning_rate != 1;
  return {{.scaled = scaled, .accumulates_scaled = scaled && h.accumulates_scaled},
          place_of_decay(h)};
}

constexpr const char* without_lane(const AdadeltaHyperparameters& h) {
  if (h.learning_rate_decay != 0) return "learning_rate_decay";
  if (h.state_used != StateUsed::current) return "state_used";
  return move_without_lane(h);
}

}  // namespace truestep::fast
