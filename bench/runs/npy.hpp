// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "arrays.hpp"

namespace truestep::identify {

/// Where a matrix of floats or doubles lies in a .npy file.
struct PlainMatrix {
  bool in_double;
  std::size_t rows, columns, offset;
};

/// How these first bytes of a .npy file of so many say that it holds a matrix, row by row, in this
/// machine's own floats or doubles; none where it holds anything else.
std::optional<PlainMatrix> plain_matrix(std::string_view first_bytes, std::uint64_t file_size);

/// Reads a .npy file of floating-point numbers, versions 1 to 3: a row for each first index, all
/// that it holds as the columns; its numbers stay in the file where there are many. Throws
/// std::runtime_error "FILE: REASON" for anything else, a file that is not exactly as long as its
/// header says included.
Array read_npy_array(const std::string& file);

}  // namespace truestep::identify
