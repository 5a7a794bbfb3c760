// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace truestep::drift {

/// The numbers of a .npy file, a row for each step. What lies there as plain floats or doubles is
/// read as it is asked for, so that memory does not grow with the file.
class MatrixFile {
 public:
  /// Throws std::runtime_error "FILE: REASON" for a file that cannot be taken.
  explicit MatrixFile(const std::string& file);
  ~MatrixFile();
  MatrixFile(MatrixFile&&) noexcept;
  MatrixFile& operator=(MatrixFile&&) noexcept;

  std::size_t rows() const;
  std::size_t columns() const;
  double at(std::size_t row, std::size_t column) const;
  /// The numbers of a row from this column on, as many as there is room for.
  void read(std::size_t row, std::size_t first_column, std::span<double> numbers) const;

 private:
  struct Numbers;
  std::unique_ptr<Numbers> numbers_;
};

}  // namespace truestep::drift
