// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "arithmetic.hpp"
#include "pooled.hpp"

namespace truestep::drift {

using Row = std::array<double, row_size>;

/// The operations of an arithmetic in many columns at once. Each column is what Rounded makes of
/// its operands: in SIMD code where these, the result and the format are ordinary, else by Rounded
/// itself, column by column.
///
/// The SIMD code has the exact result as a sum of two doubles, high and low, or knows the sign of
/// low and whether it is 0. It makes high odd where low is not 0, which a format of at most 51 bits
/// then rounds as it would the exact result. A double is what the processor makes of the operands.
class RowArithmetic {
 public:
  explicit RowArithmetic(const Arithmetic& arithmetic);

  Arithmetic& scalar() { return arithmetic_; }
  const OutOfRange& out_of_range() const { return arithmetic_.out_of_range(); }

  /// So many columns are in use, the first of which is a coordinate of that number.
  void use(std::size_t first_coordinate, std::size_t columns) {
    first_ = first_coordinate;
    columns_ = columns;
  }
  /// Stochastic rounding draws the bits of this step from now on.
  void begin_step(std::uint64_t t) {
    step_ = t;
    done_ = 0;
  }

  // Results, and what rounding added to them.

  void sum(const Row& a, const Row& b, Row& result, Row& error);
  void difference(const Row& a, const Row& b, Row& result, Row& error);
  void product(const Row& a, const Row& b, Row& result, Row& error);
  void quotient(const Row& a, const Row& b, Row& result, Row& error);
  void root(const Row& a, Row& result, Row& error);
  void fma(const Row& a, const Row& b, const Row& c, Row& result, Row& error);
  void decay(const Row& weight, const Row& a, Row& result, Row& error);
  void round(const Row& a, Row& result, Row& error);

 private:
  template <class Parts, class Scalar>
  void each(Row& result, Row& error, Parts parts, Scalar scalar);
  template <bool in_double, class Parts>
  void each_fast(Row& result, Row& error, Parts parts, std::array<std::int64_t, row_size>& strange);
  std::uint64_t place(std::size_t column) const;

  Arithmetic arithmetic_;
  bool fast_, in_double_;
  double least_normal_;
  std::int64_t least_bits_;
  std::uint64_t to_magic_;
  std::size_t first_ = 0, columns_ = row_size;
  std::uint64_t step_ = 0, done_ = 0;
};

}  // namespace truestep::drift
