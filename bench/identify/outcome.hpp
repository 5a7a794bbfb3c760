// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/numbers/any_order.hpp>

#include <array>
#include <cstddef>
#include <optional>

#include "identify.hpp"

/// What comes of a replay of a run, and how coefficients were formed in it.
namespace truestep::identify {

using proofs::Coefficients;

struct Outcome {
  Place worst;                 ///< the largest excess
  std::optional<Place> first;  ///< the first excess above 1
  std::size_t failures = 0;    ///< excesses above 1
  std::size_t teeth = 0;       ///< bounds smaller than the move, so that they could be exceeded
  std::size_t unclaimed = 0;   ///< bounds that are infinite

  bool consistent() const { return !first && teeth > 0; }
};

enum class Extent {
  whether_it_fails,  ///< at any step of any coordinate
  until_it_fails,    ///< to the first step at which some coordinate does, in all of them
  whole_run
};

/// What a program may do to coefficients, the likelier first. A power function's ulp covers some of
/// the other powers, so it comes last.
inline constexpr std::array habits = [] {
  using enum Coefficients::Powers;
  return std::array<Coefficients, 7>{{{true, in_double},
                                      {false, running_product},
                                      {false, of_rounded},
                                      {true, running_product},
                                      {true, of_rounded},
                                      {false, power_function},
                                      {true, power_function}}};
}();

struct Fit {
  Outcome outcome;
  std::optional<Coefficients> habit = {};
};

}  // namespace truestep::identify
