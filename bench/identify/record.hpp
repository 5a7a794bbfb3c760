// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runs/arrays.hpp"
#include "runs/npy.hpp"

namespace truestep::identify {

/// How the parameters that a record holds came from those that the steps made.
enum class Storage {
  as_computed,
  bfloat16,      ///< each step read and wrote them as bfloat16
  bfloat16_copy  ///< they are rounded copies of masters, which the steps read and wrote
};

/// A run that is too large to be held: where its rows and coordinates lie in arrays.
struct Lying {
  Array parameters, gradients;
  /// The arrays' columns, in their order; all where there are none.
  std::vector<std::size_t> parameter_rows = {}, gradient_rows = {}, columns = {};

  std::size_t column(std::size_t i) const { return columns.empty() ? i : columns[i]; }
};

/// A run of an optimizer: theta before each step and after the last, and each step's gradients.
struct Record {
  bool in_double;
  std::size_t steps, coordinates;
  std::vector<double> parameters;  ///< steps + 1 rows, unless the run lies in a file
  std::vector<double> gradients;   ///< steps rows, likewise
  // A number for each step where they change, else empty.
  std::vector<double> learning_rate = {}, weight_decay = {};
  std::vector<std::uint64_t> t = {};
  /// Each coordinate's group, where they have numbers of their own, and what the steps had of them
  /// where that changes, for each group.
  std::vector<std::size_t> group = {};
  std::vector<std::vector<double>> learning_rate_of = {}, weight_decay_of = {};

  Storage storage = Storage::as_computed;
  /// Each coordinate's steps before the first whose numbers are not finite; empty where all
  /// are.
  std::vector<std::size_t> ends = {};
  /// Whether a row of parameters was recorded; empty where all were. What was not is carried on
  /// from the row before.
  std::vector<bool> recorded = {};
  bool is_reading_assumed = false;  ///< which rows were recorded is a guess by their number
  /// States before the first step by their names, a number for each coordinate; they start as the
  /// rule says where there are none.
  std::map<std::string, std::vector<double>> start = {};
  // Deviations that a diagnosis tries.
  bool skips_zero_gradients = false;         ///< such a coordinate keeps its states too
  std::size_t states_lost = 0;               ///< before this step; never where it is 0
  std::vector<double> gradient_factor = {};  ///< of each step
  double gradient_error = 0;                 ///< relative, of the gradients times their factors
  /// Where the rows after the first are an exponential mean of the parameters from there on, the
  /// weight of its past; else 0.
  double mean_decay = 0;

  /// The coordinates' places in what was recorded; their own where there are none.
  std::vector<std::size_t> numbers = {};
  std::shared_ptr<const Lying> lying = {};
  /// Coordinates that tell the most, once they were looked for (excerpt.hpp).
  std::shared_ptr<const std::vector<std::size_t>> telling = {};

  std::uint64_t count(std::size_t step) const { return t.empty() ? step : t[step - 1]; }

  bool is_recorded(std::size_t row) const { return recorded.empty() || recorded[row]; }
  /// Whether the parameters before some steps are those that the steps before it made.
  bool carries() const {
    return !recorded.empty() || storage == Storage::bfloat16_copy || mean_decay != 0;
  }
  bool is_carried(std::size_t row) const {
    return !is_recorded(row) || ((storage == Storage::bfloat16_copy || mean_decay != 0) && row > 0);
  }
  std::size_t number(std::size_t i) const { return numbers.empty() ? i : numbers[i]; }
  std::size_t end(std::size_t i) const { return ends.empty() ? steps : ends[i]; }

  /// `count` numbers of a row from a coordinate on: where they are held, or read into the buffer.
  const double* parameters_from(std::size_t row, std::size_t first, std::size_t count,
                                std::vector<double>& buffer) const;
  const double* gradients_from(std::size_t row, std::size_t first, std::size_t count,
                               std::vector<double>& buffer) const;

  /// The numbers of a step.
  template <class Hyperparameters>
  Hyperparameters at(std::size_t step, Hyperparameters h) const {
    if (!learning_rate.empty()) h.learning_rate = learning_rate[step - 1];
    if (!weight_decay.empty()) h.weight_decay = weight_decay[step - 1];
    return h;
  }
};

/// What a file says of the coordinates besides, and what was noted when it was read.
struct Read {
  Record record;
  std::string note = {};  ///< "judged on 10 of 20 coordinates, a sample by seed 1"
  /// What is not finite: where it begins, and in which array.
  std::vector<std::string> not_finite = {};
};

/// At most so many coordinates are judged unless more are asked for.
inline constexpr std::size_t usual_coordinates = 100000;

/// The run that arrays hold: params, grads, and for each step as far as they are there
/// learning_rate, weight_decay, t, and skipped, whose steps are left out; the group of each
/// coordinate, by which learning_rate and weight_decay may differ; states before the first step by
/// their names. A run in double whose numbers all are floats is one in float; one in
/// bfloat16 is one in float whose parameters were stored so.
///
/// @param most  coordinates to judge; a sample by a fixed seed where there are more. All up to
///              `usual_coordinates` where it is 0
/// @param file  for messages: "FILE: REASON". Names of arrays that have files of their own go
///              before it
///
/// Throws std::invalid_argument where the arrays do not belong together.
Read read_record(const Arrays&, const std::string& file, std::size_t most = 0,
                 const std::map<std::string, std::string>& own_files = {});

/// The same of all coordinates, without what was noted.
Record record(const Arrays&, const std::string& file);

/// The same of two .npy files.
Record record(const std::string& parameters_file, const std::string& gradients_file);

/// Whether every parameter is a number of bfloat16, and there are too many for that to be chance.
bool is_stored_in_bfloat16(const Record&);

/// Coordinates by their numbers, and the first steps of them.
Record with_columns(const Record&, const std::vector<std::size_t>& kept, std::size_t steps);

/// The coordinates of each group, with their numbers.
std::vector<Record> by_group(const Record&);

/// At most `count` of the coordinates whose gradient is not always zero, evenly spaced.
Record some_coordinates(const Record&, std::size_t count);

/// The gradients times a factor, rounded to the run's format.
Record with_gradients_times(Record, double factor);

/// The same steps over and over.
Record repeated(const Record&, std::size_t times);

/// A run in double that shows every choice: gradients of all sizes about one's own epsilon, of both
/// signs, with zeros at the start and between.
Record probe();

}  // namespace truestep::identify
