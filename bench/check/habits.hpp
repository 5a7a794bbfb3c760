// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "identify/replay.hpp"

namespace truestep::trial {

using proofs::Coefficients;

/// What a program in float does otherwise than a sane one.
struct Otherwise {
  Coefficients how = {};
  bool approximates = false;  ///< quotients and roots
  bool multiplies = false;    ///< floats to a power
};

/// Identify's habits, a power made of float products, and each of these with quotients and roots
/// that are approximated; the likelier first.
constexpr auto all_habits = [] {
  using enum Coefficients::Powers;
  constexpr auto known = identify::habits.size(), count = known + 2;
  std::array<Otherwise, 2 * count + 1> all{};
  for (std::size_t i = 0; i < known; ++i) all[i].how = identify::habits[i];
  all[known] = {{false, of_rounded}, false, true};
  all[known + 1] = {{true, of_rounded}, false, true};
  all[count].approximates = true;
  for (std::size_t i = 0; i < count; ++i) {
    all[count + 1 + i] = all[i];
    all[count + 1 + i].approximates = true;
  }
  return all;
}();

}  // namespace truestep::trial
