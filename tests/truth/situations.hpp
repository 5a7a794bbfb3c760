// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "support/subject.hpp"

namespace truestep::test {

/// What all gradients are tried from: one step of a rule from here.
struct Situation {
  std::string name;
  Hyperparameters h;
  std::uint64_t t;
  Point<float> before;
};

/// The situations of a rule, nine or ten. They differ in what the step is made of: nothing yet,
/// ordinary numbers, second moments that vanish or dwarf the gradients, significands of many bits,
/// epsilon or theta in command, and sums that cancel for some gradient.
const std::vector<Situation>& situations(const std::string& rule);

}  // namespace truestep::test
