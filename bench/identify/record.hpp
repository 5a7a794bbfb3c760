// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runs/npy.hpp"

namespace truestep::identify {

/// A run of an optimizer: theta before each step and after the last, and each step's gradients.
struct Record {
  bool in_double;
  std::size_t steps, coordinates;
  std::vector<double> parameters;  ///< steps + 1 rows
  std::vector<double> gradients;   ///< steps rows
};

/// Throws std::invalid_argument unless the two are finite and belong together; the names are those
/// of the files, for the message.
Record record(const Matrix& parameters, const Matrix& gradients, const std::string& parameters_name,
              const std::string& gradients_name);

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
