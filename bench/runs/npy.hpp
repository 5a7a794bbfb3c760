// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace truestep::identify {

/// A matrix as a file holds it, row by row; floats are kept as the doubles that they equal.
struct Matrix {
  bool in_double;
  std::size_t rows, columns;
  std::vector<double> values;
};

/// Reads a .npy file of floating-point numbers, versions 1 to 3: a row for each first index, all
/// that it holds as the columns. Throws std::runtime_error "FILE: REASON" for anything else, a file
/// that is not exactly as long as its header says included.
Matrix read_npy(const std::string& file);

}  // namespace truestep::identify
