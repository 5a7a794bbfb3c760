// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/numbers/certified.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <span>

#include "pooled.hpp"

namespace truestep::drift {

using proofs::Certified;

/// A number of a formula in many columns at once, as certified double-doubles; or one that is the
/// same in all of them. A formula takes no other way in one column than in the next, so that it
/// runs over rows as over numbers.
///
/// Nothing is claimed of a column (its radius is infinite) from the first result on that leaves
/// the range in which a certified number's bound is proved. Beside an operand that is exactly 0 a
/// sum is exact.
class TruthRow {
 public:
  struct Node {
    alignas(64) std::array<double, row_size> high, low, radius;
  };

  TruthRow(double exact = 0) : same_(exact) {}
  template <std::integral Integer>
  TruthRow(Integer exact) : same_(exact) {}
  /// Each column's exact number; those that are not given are 0.
  static TruthRow of(std::span<const double> exact);

  bool is_row() const { return static_cast<bool>(row_); }
  const Node& row() const { return *row_; }
  /// To change columns of this number alone; one that was the same in all becomes a row.
  Node& own_row();

  Certified at(std::size_t column) const {
    return is_row() ? Certified(row_->high[column], row_->low[column], row_->radius[column])
                    : same_;
  }

  friend TruthRow operator-(const TruthRow& a);
  friend TruthRow operator+(const TruthRow& a, const TruthRow& b);
  friend TruthRow operator-(const TruthRow& a, const TruthRow& b);
  friend TruthRow operator*(const TruthRow& a, const TruthRow& b);
  friend TruthRow operator/(const TruthRow& a, const TruthRow& b);
  friend TruthRow sqrt(const TruthRow& a);
  /// Both numbers are the same in all columns.
  friend TruthRow pow(const TruthRow& x, const TruthRow& n);
  /// The larger of two numbers moves by no more than the one that moves more.
  friend TruthRow maximum(const TruthRow& a, const TruthRow& b);
  /// Nothing is claimed where the sign of x is not known.
  friend TruthRow where_positive(const TruthRow& x, const TruthRow& value);
  /// Nothing is claimed where the sign of x or y is not known.
  friend TruthRow where_alike(const TruthRow& x, const TruthRow& y, const TruthRow& value);
  /// Whether two numbers that are the same in all columns are equal.
  friend bool operator==(const TruthRow& a, const TruthRow& b) { return a.same_ == b.same_; }

 private:
  struct Work;

  Pooled<Node> row_;
  Certified same_;
};

}  // namespace truestep::drift
