// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
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

/// How numbers lie in a file.
struct Stored {
  Type type;
  std::size_t width;  ///< bytes of a number
  bool big_endian = false, is_signed = true;
};

/// The bytes of a file, mapped; whoever holds `keeps` may read them.
struct Bytes {
  std::string_view bytes;
  std::shared_ptr<const void> keeps = {};
};

/// Numbers as the doubles that they equal, the last index running fastest: held here, or where
/// there are many, read from the file when they are asked for.
struct Array {
  Type type;
  std::vector<std::uint64_t> shape;
  std::vector<double> values;
  /// Where they lie if they are not held.
  Bytes bytes = {};
  Stored stored = {Type::float64, 8};
  bool fortran_order = false;

  std::size_t rows() const { return shape.empty() ? 1 : shape[0]; }
  /// All that a row holds, whatever its shape; one number where there is one dimension.
  std::size_t columns() const;
  bool is_held() const { return bytes.bytes.empty(); }
  /// `count` numbers of a row from a column on.
  void read(std::size_t row, std::size_t first, std::size_t count, double* to) const;
};

using Arrays = std::map<std::string, Array>;

/// The numbers of a shape, whose bytes are exactly these. They are held, unless there are many and
/// `keeps` keeps their bytes.
Array decoded(const Stored&, const std::vector<std::uint64_t>& shape, bool fortran_order,
              const Bytes&);

/// What a .npy file holds.
Array npy_array(const Bytes&);

/// The arrays of a .safetensors file.
Arrays safetensors_arrays(const Bytes&);

/// A regular file. A folder, a pipe or a device is refused by what it is.
Bytes mapped(const std::string& file);

/// The arrays of a .npz or .safetensors file by their names, or that of a .npy file as "". Throws
/// "FILE: REASON".
Arrays read_arrays(const std::string& file);

}  // namespace truestep::identify
