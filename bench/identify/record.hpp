// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runs/arrays.hpp"
#include "runs/npy.hpp"

namespace truestep::identify {

/// A run of an optimizer: theta before each step and after the last, and each step's gradients.
struct Record {
  bool in_double;
  std::size_t steps, coordinates;
  std::vector<double> parameters;  ///< steps + 1 rows
  std::vector<double> gradients;   ///< steps rows
  // A number for each step where they change, else empty.
  std::vector<double> learning_rate = {}, weight_decay = {};
  std::vector<std::uint64_t> t = {};

  std::uint64_t count(std::size_t step) const { return t.empty() ? step : t[step - 1]; }

  /// The numbers of a step.
  template <class Hyperparameters>
  Hyperparameters at(std::size_t step, Hyperparameters h) const {
    if (!learning_rate.empty()) h.learning_rate = learning_rate[step - 1];
    if (!weight_decay.empty()) h.weight_decay = weight_decay[step - 1];
    return h;
  }
};

/// A run in double whose numbers all are floats is one in float.
///
/// Throws std::invalid_argument unless the two are finite and belong together; the names are those
/// of the files, for the message.
Record record(const Matrix& parameters, const Matrix& gradients, const std::string& parameters_name,
              const std::string& gradients_name);

/// The run that a file's arrays hold: params, grads, and for each step as far as they are there
/// learning_rate, weight_decay, t, and skipped, whose steps are left out. Throws
/// std::invalid_argument "FILE: REASON" where they do not belong together.
Record record(const Arrays&, const std::string& file);

/// Whether every parameter is a number of bfloat16, and there are too many for that to be chance.
bool is_stored_in_bfloat16(const Record&);

/// `count` coordinates chosen by a seed, in their order; all where there are no more.
Record sampled(const Record&, std::size_t count, std::uint64_t seed);

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
