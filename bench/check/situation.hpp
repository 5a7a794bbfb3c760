// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "check.hpp"

namespace truestep {

/// One step of one coordinate: what a kernel is given. States are such as a run has, and all
/// numbers are of the format.
struct Situation {
  trial::Setup setup = {};  ///< the rule, the format and the numbers, at a length of 1
  std::uint64_t t = 1;
  double theta = 0, gradient = 0;
  std::map<std::string, double> states = {};

  /// The hyperparameter of this name. Throws std::out_of_range where there is none.
  double number(std::string_view name) const;
  /// The state of this name. Throws std::out_of_range where there is none.
  double state(const std::string& name) const { return states.at(name); }
};

std::ostream& operator<<(std::ostream&, const Situation&);

/// What a kernel made of a situation. States that it does not show are left out.
struct Outcome {
  double theta = 0;
  std::map<std::string, double> states = {};
};

/// Any situation of a convention, by its seed alone: its own numbers or others, t to 2^26,
/// gradients of all kinds and sizes. Throws std::invalid_argument for a convention that there is
/// not.
Situation situation(const Convention&, trial::Format, std::uint64_t seed);

/// Simpler ones, the simplest first: without theta, at the first step, with its own numbers, with a
/// gradient of fewer bits.
std::vector<Situation> simpler(const Convention&, const Situation&);

/// Whether an outcome is within what any sane order of operations makes of the situation; where it
/// is not, the text has the input and the outcome, in decimal and bits. True too where nothing is
/// claimed, as where a result overflows.
Checked within(const Convention&, const Situation&, const Outcome&);

}  // namespace truestep
