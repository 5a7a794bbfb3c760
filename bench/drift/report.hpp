#pragma once

#include <span>
#include <string>

#include "audit.hpp"

namespace truestep::drift {

/// What the numbers of a table mean, and what they were computed with.
std::string legend();

/// The tables of one run.
std::string table(const Run& run);

/// What the runs of one rule have shown, a sentence for float and double and one for each set-up.
std::string findings(std::span<const Run> runs_of_one_rule);

/// One line for each reported step of each quantity: the columns that figures.hpp names, empty
/// where there is no such figure.
std::string csv(std::span<const Run> runs);

/// The description of the object that `json` returns.
extern const char* const json_schema;

/// The whole audit as one JSON object.
///
/// @param rerun  the command that reruns it
std::string json(std::span<const Run> runs, const std::string& rerun);

/// The whole audit as one page that needs no other file, its pictures drawn by gnuplot.
///
/// @param rerun  the command that reruns it
std::string html(std::span<const Run> runs, const std::string& rerun);

/// A number with three digits, more before the point, as tables show it; "-" for NaN.
std::string number(double x);

/// The other conventions, the nearest first, those that are shown at the same distance together.
std::vector<Other> others_by_distance(const Run& run);

/// How many times a run's drift in float another convention is off.
std::string times_drift(const Run& run, const Other& other);

/// What computed the exact run.
std::string reference_name();

/// Steps of one coordinate in one set-up, all readings told apart, over the time that they took.
double element_steps_per_second(std::span<const Run> runs);

}  // namespace truestep::drift
