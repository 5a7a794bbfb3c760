// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Arrays of numbers as files hold them: .npy, .npz and .safetensors. Errors are
/// std::runtime_error.
namespace truestep::identify {

enum class Type { float64, float32, float16, bfloat16, integer, truth };

constexpr std::string_view name(Type type) {
  constexpr std::string_view names[]{"float64",  "float32", "float16",
                                     "bfloat16", "integer", "bool"};
  return names[static_cast<std::size_t>(type)];
}

/// The values are kept as the doubles that they equal, the last index running fastest.
struct Array {
  Type type;
  std::vector<std::uint64_t> shape;
  std::vector<double> values;

  std::size_t rows() const { return shape.empty() ? 1 : shape[0]; }
  /// All that a row holds, whatever its shape; one number where there is one dimension.
  std::size_t columns() const;
};

using Arrays = std::map<std::string, Array>;

/// How numbers lie in a file.
struct Stored {
  Type type;
  std::size_t width;  ///< bytes of a number
  bool big_endian = false, is_signed = true;
};

/// The numbers of a shape, whose bytes are exactly these.
Array decoded(const Stored&, const std::vector<std::uint64_t>& shape, bool fortran_order,
              std::string_view bytes);

/// What a .npy file holds.
Array npy_array(std::string_view bytes);

/// The arrays of a .safetensors file.
Arrays safetensors_arrays(std::string_view bytes);

/// All bytes of a regular file. A folder, a pipe or a device is refused by what it is.
std::string contents(const std::string& file);

/// The arrays of a .npz or .safetensors file by their names, or that of a .npy file as "". Throws
/// "FILE: REASON".
Arrays read_arrays(const std::string& file);

}  // namespace truestep::identify
