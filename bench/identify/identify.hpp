// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "record.hpp"
#include "runs/given.hpp"

/// Which convention of a rule a recorded run follows: bench/cli/identify_command.cpp is its
/// command.
///
/// Each step is judged by itself: from the parameters that the run had before it, with states
/// recomputed from its gradients, a convention gives the parameters after it and a bound on what
/// any sane order of operations makes of them (proofs/numbers/any_order.hpp). The *excess* of a
/// step is its distance from there in units of the bound. A convention is consistent with the run
/// if no excess is above 1.
namespace truestep::identify {

struct Options {
  settings::Given given = {};  ///< the hyperparameters that are known, of every convention
  /// The conventions to judge, each with what else is known of it; all of the rule's where empty.
  std::vector<settings::Chosen> conventions = {};
};

/// Nothing about the run tells anything: no step moves by more than its bound.
struct NotDetermined : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// One coordinate at one step; steps are counted from 1, coordinates from 0.
struct Place {
  std::size_t step = 0, coordinate = 0;
  double excess = 0;
  double bound = 0;      ///< in the unit of theta
  double roundings = 0;  ///< the bound in u times the magnitudes added up
};

struct Judgement {
  std::string convention;
  std::string numbers;  ///< "learning_rate = 0.001, ..." as it was tried
  Place place;          ///< of the largest excess if consistent, of the first above 1 if excluded
  /// Steps of a coordinate, up to there if excluded, that move by more than their bound: those that
  /// could have been found wrong had they not moved at all.
  std::size_t teeth;
};

struct Finding {
  std::string kind, detail;
};

struct Report {
  std::string rule;
  std::size_t steps, coordinates;
  std::vector<Judgement> consistent, excluded;
  std::vector<std::string> open;  ///< conventions that were neither fitted nor excluded
  std::vector<Finding> findings;
  std::string verdict;
  /// Whether some convention is consistent, or all are excluded whatever was not told of them, and
  /// with any one number otherwise than it was told.
  bool determined = true;
};

/// Conventions in their order in fast/conventions.hpp. Numbers that are not given are looked for by
/// branch and bound (box_search.hpp): learning rates and epsilons up to 2^10, weights up to
/// 1 - 2^-30. A convention is excluded if no numbers that its class has, and no habit of
/// proofs/numbers/any_order.hpp, make it fit; it is open where that search was given up. Each class
/// is tried with its own options, such as maximize, besides.
///
/// Throws std::invalid_argument for a rule or number that is not there, a number outside its range,
/// and NotDetermined for a run in which no step moves by more than its bound.
Report identify(const std::string& rule, const Record&, const Options&);

}  // namespace truestep::identify
