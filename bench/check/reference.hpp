// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "drive.hpp"
#include "runs/value.hpp"

/// What the reference makes of a run, in any sane order of operations.
namespace truestep::trial {

/// What a program does to its coefficients, quotients and roots that a sane one does not, counted
/// from 1, or none.
using Habit = std::size_t;
inline constexpr Habit no_habit = 0;

/// How many there are to be seen: none in double, or where each operation is rounded to 16 bits.
std::size_t habits(const Storage&);
/// In words, as "beta^t is a float product carried from step to step".
std::string words(Habit);

/// A description of a rule: a convention with what is set otherwise in it.
struct Map {
  std::string rule, convention;
  settings::Given set = {};
};

/// A number of a rule that a kernel may be given.
struct Hyperparameter {
  enum class Kind { weight, fraction, scale, epsilon };
  std::string name;
  Kind kind;
  double value;  ///< of the map
  bool own;      ///< every version of the rule has it
  bool acts;     ///< it is its own, or not at the default without effect
};

/// The numbers of a map's rule. Throws std::invalid_argument for a map that makes no sense.
std::vector<Hyperparameter> hyperparameters(const Map&);
/// Those of the numbers that act in a map.
NumberList acting(const Map&, const NumberList&);
/// The names of the states that a map has.
std::vector<std::string> states(const Map&);
/// As it is called: its class, or system, and what is set otherwise; not the numbers named.
std::string called(const Map&, const NumberList& apart_from = {});

/// The conventions of the rule with the same values set; those that make no sense are left out.
std::vector<Map> conventions(const Map&);
/// The names of all rules but one.
std::vector<std::string> rules_beside(const std::string& rule);
/// The map with one choice otherwise.
std::vector<Map> one_choice_otherwise(const Map&);
/// With other values for numbers that it has. Throws std::invalid_argument outside their ranges.
Map with_numbers(Map, const NumberList&);
/// Whether two are the same but for choices without effect.
bool same(const Map&, const Map&);
/// Whether the map has a choice, or a number, of that name.
bool has(const Map&, const std::string& name);

/// A result of the formula, and how far any sane order of operations in the run's format may be
/// from it. The radius is infinite where nothing is claimed.
struct Expected {
  std::size_t step, coordinate;
  std::size_t quantity;  ///< 0 for theta, else a state, counted from 1
  long double before;    ///< of theta
  long double value, radius, magnitude;
};

/// Calls visit(Expected) for every coordinate at every step that the run finished, theta before the
/// step being the run's own and states coming from the gradients so far, until it says false.
/// Coordinates whose theta was not finite are left out.
void follow(const Map&, Habit, const Job&, const Run&,
            const std::function<bool(const Expected&)>& visit);

}  // namespace truestep::trial
