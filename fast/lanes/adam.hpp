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

}  // namespace truestep::fast
