// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "subject.hpp"

namespace truestep::test {

/// What all gradients are tried from: one step of a rule from here. The situations of a rule, nine
/// or ten, differ in what the step is made of: nothing yet, ordinary numbers, second moments that
/// vanish or dwarf the gradients, significands of many bits, epsilon or theta in command, and sums
/// that cancel for some gradient: theta is near what the step from 0 moves for many gradients, or a
/// state near the gradient's share for one.
struct Situation {
  std::string name;
  Hyperparameters h;
  std::uint64_t t;
  Point<float> before;
};

}  // namespace truestep::test
