// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "pooled.hpp"

namespace truestep::drift {

/// A radius in double that is not smaller.
inline double rounded_up(long double radius) {
  const auto nearest = static_cast<double>(radius);
  return static_cast<long double>(nearest) < radius
             ? std::nextafter(nearest, std::numeric_limits<double>::infinity())
             : nearest;
}

/// The kernel's own numbers in many columns, each with a rigorous radius: what proofs::Ball<T> has,
/// by the same formulas.
///
/// The radii are doubles for double, too. A formula of Ball adds and multiplies fewer than 16
/// numbers that are not negative, and all that it asks of their type is that each operation is
/// within 2^-53 of itself, which a double's is unless it underflows. None does where values are 0
/// or in [2^-450, 2^450] and radii are 0 or in [2^-510, 2^510]: a product of two is at least
/// 2^-1020, half an ulp of a result at least 2^-960. A column in which an operand or a result is
/// outside is computed by Ball itself, whose wider radius is then rounded up. Floats are always
/// inside.
template <class T>
class BallRow {
 public:
  struct Node {
    alignas(64) std::array<T, row_size> value;
    alignas(64) std::array<double, row_size> radius;
  };

  BallRow() = default;  ///< only to be assigned to
  /// Columns that are not given are 0.
  BallRow(std::span<const T> value, std::span<const double> radius);
  /// The same in all columns.
  BallRow(T value, double radius);

  const Node& row() const { return *row_; }
  bool bounded(std::size_t i) const {
    return row_->radius[i] < std::numeric_limits<double>::infinity();
  }

  // Words of BallRow<float> and BallRow<double>, in ball_row.cpp.

  friend BallRow operator-(const BallRow& a) { return a.negated(); }
  friend BallRow operator+(const BallRow& a, const BallRow& b) { return a.plus(b); }
  friend BallRow operator-(const BallRow& a, const BallRow& b) { return a.plus(b.negated()); }
  friend BallRow operator*(const BallRow& a, const BallRow& b) { return a.times(b); }
  friend BallRow operator/(const BallRow& a, const BallRow& b) { return a.over(b); }
  friend BallRow sqrt(const BallRow& a) { return a.root(); }
  friend BallRow fma(const BallRow& a, const BallRow& b, const BallRow& c) { return c.plus(a, b); }
  friend BallRow decay(const BallRow& w, const BallRow& v) { return v.decayed(w); }
  friend BallRow maximum(const BallRow& a, const BallRow& b) { return a.or_larger(b); }
  friend BallRow at_least_zero(const BallRow& x) { return x.clipped(); }
  friend BallRow where_positive(const BallRow& x, const BallRow& value) { return x.chooses(value); }

 private:
  template <class Fast, class Scalar>
  static BallRow each(Fast fast, Scalar scalar);

  BallRow negated() const;
  BallRow plus(const BallRow& b) const;
  BallRow times(const BallRow& b) const;
  BallRow over(const BallRow& b) const;
  BallRow root() const;
  BallRow plus(const BallRow& a, const BallRow& b) const;
  BallRow decayed(const BallRow& w) const;
  BallRow or_larger(const BallRow& b) const;
  BallRow clipped() const;
  BallRow chooses(const BallRow& value) const;

  Pooled<Node> row_;
};

extern template class BallRow<float>;
extern template class BallRow<double>;

}  // namespace truestep::drift
