// SPDX-License-Identifier: Apache-2.0
#include "truth_row.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runs/instructions.hpp"

namespace truestep::drift {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A result, of which nothing is claimed where it left the range; 0 is in it where it is exact.
Certified claimed(const Certified& x, bool may_be_zero) {
  const double size = std::fabs(x.high);
  const bool in_range = (size <= 0x1p900) & ((size >= 0x1p-900) | ((size == 0) & may_be_zero));
  return {x.high, x.low, in_range ? x.radius : infinity};
}

bool is_zero(const Certified& x) { return (x.high == 0) & (x.radius == 0); }

Certified sum(const Certified& a, const Certified& b) {
  const Certified x = claimed(a + b, true);
  const double radius = is_zero(a) ? b.radius : is_zero(b) ? a.radius : x.radius;
  return {x.high, x.low, radius};
}

Certified product(const Certified& a, const Certified& b) {
  return claimed(a * b, (a.high == 0) | (b.high == 0));
}

Certified quotient(const Certified& a, const Certified& b) { return claimed(a / b, a.high == 0); }

Certified root(const Certified& a) { return claimed(sqrt(a), a.high == 0); }

/// A number that is exact, and not yet known to be in range.
Certified given(double exact) { return claimed(exact, true); }

Certified larger(const Certified& a, const Certified& b) {
  const bool takes_b = (a.high < b.high) | ((a.high == b.high) & (a.low < b.low));
  const double radius = a.radius > b.radius ? a.radius : b.radius;
  return {takes_b ? b.high : a.high, takes_b ? b.low : a.low, radius};
}

bool knows_its_sign(const Certified& x) {
  return (std::fabs(x.high) * (1 - 0x1p-50) > x.radius) | is_zero(x);
}

Certified chosen(const Certified& x, const Certified& value) {
  const bool positive = x.high > 0;
  const bool known = knows_its_sign(x);
  return {positive ? value.high : 0, positive ? value.low : 0,
          known ? (positive ? value.radius : 0) : infinity};
}

/// 0 has the sign of the positive numbers.
Certified chosen(const Certified& x, const Certified& y, const Certified& value) {
  if (!knows_its_sign(x) || !knows_its_sign(y)) return {0, 0, infinity};
  return (x.high >= 0) == (y.high >= 0) ? value : Certified();
}

}  // namespace

struct TruthRow::Work {
  static Certified at(const Node& row, std::size_t i) {
    return {row.high[i], row.low[i], row.radius[i]};
  }
  static void put(Node& row, std::size_t i, const Certified& x) {
    row.high[i] = x.high;
    row.low[i] = x.low;
    row.radius[i] = x.radius;
  }

  template <class Operation>
  static TruthRow each(const TruthRow& a, Operation operation) {
    TruthRow result;
    if (!a.is_row()) {
      result.same_ = operation(a.same_);
      return result;
    }
    result.row_ = Pooled<Node>::fresh();
    Node& out = *result.row_;
    const Node& in = *a.row_;
    runs::run_best([&] {
      for (std::size_t i = 0; i < row_size; ++i) put(out, i, operation(at(in, i)));
    });
    return result;
  }

  template <class Operation>
  static TruthRow each(const TruthRow& a, const TruthRow& b, Operation operation) {
    TruthRow result;
    if (!a.is_row() && !b.is_row()) {
      result.same_ = operation(a.same_, b.same_);
      return result;
    }
    result.row_ = Pooled<Node>::fresh();
    Node& out = *result.row_;
    if (a.is_row() && b.is_row()) {
      const Node &x = *a.row_, &y = *b.row_;
      runs::run_best([&] {
        for (std::size_t i = 0; i < row_size; ++i) put(out, i, operation(at(x, i), at(y, i)));
      });
    } else if (a.is_row()) {
      const Node& x = *a.row_;
      runs::run_best([&, y = b.same_] {
        for (std::size_t i = 0; i < row_size; ++i) put(out, i, operation(at(x, i), y));
      });
    } else {
      const Node& y = *b.row_;
      runs::run_best([&, x = a.same_] {
        for (std::size_t i = 0; i < row_size; ++i) put(out, i, operation(x, at(y, i)));
      });
    }
    return result;
  }
};

TruthRow TruthRow::of(std::span<const double> exact) {
  TruthRow result;
  result.row_ = Pooled<Node>::fresh();
  for (std::size_t i = 0; i < row_size; ++i)
    Work::put(*result.row_, i, i < exact.size() ? given(exact[i]) : Certified());
  return result;
}

TruthRow::Node& TruthRow::own_row() {
  if (is_row() && !row_.is_shared()) return *row_;
  auto own = Pooled<Node>::fresh();
  for (std::size_t i = 0; i < row_size; ++i) Work::put(*own, i, at(i));
  row_ = std::move(own);
  return *row_;
}

TruthRow operator-(const TruthRow& a) {
  return TruthRow::Work::each(a, [](const Certified& x) { return -x; });
}
TruthRow operator+(const TruthRow& a, const TruthRow& b) {
  return TruthRow::Work::each(a, b,
                              [](const Certified& x, const Certified& y) { return sum(x, y); });
}
TruthRow operator-(const TruthRow& a, const TruthRow& b) {
  return TruthRow::Work::each(a, b,
                              [](const Certified& x, const Certified& y) { return sum(x, -y); });
}
TruthRow operator*(const TruthRow& a, const TruthRow& b) {
  return TruthRow::Work::each(a, b,
                              [](const Certified& x, const Certified& y) { return product(x, y); });
}
TruthRow operator/(const TruthRow& a, const TruthRow& b) {
  return TruthRow::Work::each(
      a, b, [](const Certified& x, const Certified& y) { return quotient(x, y); });
}
TruthRow sqrt(const TruthRow& a) {
  return TruthRow::Work::each(a, [](const Certified& x) { return root(x); });
}
TruthRow pow(const TruthRow& x, const TruthRow& n) {
  TruthRow result;
  const bool same = !x.is_row() && !n.is_row();
  result.same_ = pow(x.same_, n.same_);
  if (!same || !(result.same_.high >= 0x1p-900)) result.same_.radius = infinity;
  if (x.same_ == Certified(0) && n.same_ != Certified(0)) result.same_ = Certified(0);
  if (n.same_ == Certified(0) || x.same_ == Certified(1)) result.same_ = Certified(1);
  return result;
}
TruthRow maximum(const TruthRow& a, const TruthRow& b) {
  return TruthRow::Work::each(a, b,
                              [](const Certified& x, const Certified& y) { return larger(x, y); });
}
TruthRow where_positive(const TruthRow& x, const TruthRow& value) {
  return TruthRow::Work::each(x, value,
                              [](const Certified& s, const Certified& v) { return chosen(s, v); });
}

TruthRow where_alike(const TruthRow& x, const TruthRow& y, const TruthRow& value) {
  TruthRow result;
  if (!x.is_row() && !y.is_row() && !value.is_row()) {
    result.same_ = chosen(x.same_, y.same_, value.same_);
    return result;
  }
  TruthRow::Node& row = result.own_row();
  for (std::size_t i = 0; i < row_size; ++i)
    TruthRow::Work::put(row, i, chosen(x.at(i), y.at(i), value.at(i)));
  return result;
}

}  // namespace truestep::drift
