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
  std::vector<Finding> findings;
  std::string verdict;
  /// Whether some convention is consistent, or all numbers that are looked for were given, so that
  /// none is. Otherwise they were tried at some values, and others may fit.
  bool determined = true;
};

/// Conventions in their order in fast/conventions.hpp. A learning rate that is not given is tried
/// at each convention's default, then fitted; momentum, rho, beta1, beta2 and epsilon are tried at
/// the default, then at customary values, then refined one at a time. Others stay at the default.
/// Where no convention is consistent, each is tried with the habits of
/// proofs/numbers/any_order.hpp, then each class with each of its own switches, such as maximize.
///
/// Throws std::invalid_argument for a rule or number that is not there, a number outside its range,
/// and NotDetermined for a run in which no step moves by more than its bound.
Report identify(const std::string& rule, const Record&, const Options&);

}  // namespace truestep::identify
