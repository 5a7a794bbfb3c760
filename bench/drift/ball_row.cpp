// SPDX-License-Identifier: Apache-2.0
#include "ball_row.hpp"

#include <truestep/proofs/numbers/ball.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>

#include "runs/instructions.hpp"

namespace truestep::drift {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double inflation = 1 + 0x1p-48;

double larger(double a, double b) { return a < b ? b : a; }
double smaller(double a, double b) { return b < a ? b : a; }

/// A number of one column, as a formula reads it.
template <class T>
struct One {
  T value;
  double radius;

  double size() const { return std::fabs(double{value}); }
  bool is_zero() const { return (value == 0) & (radius == 0); }
  bool is_inside() const {
    if constexpr (sizeof(T) < sizeof(double)) return true;
    const bool value_inside = (value == 0) | ((size() >= 0x1p-450) & (size() <= 0x1p450));
    const bool radius_inside = (radius == 0) | ((radius >= 0x1p-510) & (radius <= 0x1p510));
    return value_inside & radius_inside;
  }
};

/// proofs::half_ulp, of what is inside or any float.
template <class T>
double half_ulp(T z) {
  using Limits = std::numeric_limits<T>;
  const double size = std::fabs(double{z});
  const auto exponent = std::bit_cast<std::int64_t>(size) & std::int64_t{0x7ff0'0000'0000'0000};
  const double least = double{Limits::min()}, power = std::bit_cast<double>(exponent);
  const double half = larger(power, least) * (double{Limits::epsilon()} / 2);
  return size < infinity ? half : infinity;
}

/// @param rounded  false where an operand that is exactly zero makes the operation exact
template <class T>
One<T> result(T value, double error, bool rounded) {
  const bool has_error = rounded | !(std::fabs(double{value}) < infinity);
  const double own = has_error ? half_ulp(value) : 0;
  return {value, (error + own) * inflation};
}

template <class T>
double error_of_product(const One<T>& a, const One<T>& b) {
  return a.size() * b.radius + b.size() * a.radius + a.radius * b.radius;
}

template <class T>
One<T> sum(const One<T>& a, const One<T>& b) {
  return result<T>(a.value + b.value, a.radius + b.radius, !a.is_zero() & !b.is_zero());
}

template <class T>
One<T> product(const One<T>& a, const One<T>& b) {
  return result<T>(a.value * b.value, error_of_product(a, b), !a.is_zero() & !b.is_zero());
}

template <class T>
One<T> quotient(const One<T>& a, const One<T>& b) {
  const double divisor = b.size(), nearest_zero = divisor - b.radius;
  const double error = (a.size() * b.radius + divisor * a.radius) / (divisor * nearest_zero);
  return result<T>(a.value / b.value, nearest_zero > 0 ? error : infinity, !a.is_zero());
}

template <class T>
One<T> root(const One<T>& a) {
  const double of_value = std::sqrt(double{a.value});
  const double least = std::sqrt(larger(double{a.value} - a.radius, 0));
  const double of_radius = std::sqrt(a.radius);
  const double error = smaller(of_radius, a.radius / (of_value + least));
  return result<T>(std::sqrt(a.value), a.value > 0 ? error : of_radius, !a.is_zero());
}

template <class T>
One<T> fused(const One<T>& a, const One<T>& b, const One<T>& c) {
  return result<T>(std::fma(a.value, b.value, c.value), error_of_product(a, b) + c.radius,
                   !a.is_zero() & !b.is_zero());
}

template <class T>
One<T> decay_of(const One<T>& w, const One<T>& v) {
  const double kept = std::fabs(1 - double{w.value});
  return result<T>(std::fma(-w.value, v.value, v.value),
                   kept * v.radius + w.radius * (v.size() + v.radius), !w.is_zero() & !v.is_zero());
}

template <class T>
proofs::Ball<T> ball(const One<T>& x) {
  proofs::Ball<T> wide(x.value);
  wide.radius = x.radius;
  return wide;
}

template <class T>
One<T> one(const proofs::Ball<T>& wide) {
  if (!wide.bounded()) return {wide.value, infinity};
  return {wide.value, rounded_up(static_cast<long double>(wide.radius))};
}

template <class T>
One<T> at(const typename BallRow<T>::Node& row, std::size_t i) {
  return {row.value[i], row.radius[i]};
}

}  // namespace

/// @param fast    a column by doubles, and whether its operands are inside
/// @param scalar  a column by Ball
template <class T>
template <class Fast, class Scalar>
BallRow<T> BallRow<T>::each(Fast fast, Scalar scalar) {
  BallRow made;
  made.row_ = Pooled<Node>::fresh();
  Node& row = *made.row_;
  std::array<std::int64_t, row_size> outside;
  std::int64_t any = 0;
  runs::run_best([&] {
    std::int64_t found = 0;
    for (std::size_t i = 0; i < row_size; ++i) {
      const auto [x, inside] = fast(i);
      row.value[i] = x.value;
      row.radius[i] = x.radius;
      outside[i] = static_cast<std::int64_t>(!(inside & x.is_inside()));
      found |= outside[i];
    }
    any = found;
  });
  if (any == 0) return made;
  for (std::size_t i = 0; i < row_size; ++i) {
    if (outside[i] == 0) continue;
    const auto x = one<T>(scalar(i));
    row.value[i] = x.value;
    row.radius[i] = x.radius;
  }
  return made;
}

template <class T>
BallRow<T>::BallRow(std::span<const T> value, std::span<const double> radius)
    : row_(Pooled<Node>::fresh()) {
  for (std::size_t i = 0; i < row_size; ++i) {
    row_->value[i] = i < value.size() ? value[i] : 0;
    row_->radius[i] = i < radius.size() ? radius[i] : 0;
  }
}

template <class T>
BallRow<T>::BallRow(T value, double radius) : row_(Pooled<Node>::fresh()) {
  row_->value.fill(value);
  row_->radius.fill(radius);
}

template <class T>
struct Made {
  One<T> result;
  bool inside;
};

template <class T>
BallRow<T> BallRow<T>::negated() const {
  BallRow made;
  made.row_ = Pooled<Node>::fresh();
  for (std::size_t i = 0; i < row_size; ++i) made.row_->value[i] = -row_->value[i];
  made.row_->radius = row_->radius;
  return made;
}

template <class T>
BallRow<T> BallRow<T>::plus(const BallRow& b) const {
  const Node &x = *row_, &y = *b.row_;
  return each(
      [&](std::size_t i) {
        const auto p = at<T>(x, i), q = at<T>(y, i);
        return Made<T>{sum(p, q), bool(p.is_inside() & q.is_inside())};
      },
      [&](std::size_t i) { return ball(at<T>(x, i)) + ball(at<T>(y, i)); });
}

template <class T>
BallRow<T> BallRow<T>::times(const BallRow& b) const {
  const Node &x = *row_, &y = *b.row_;
  return each(
      [&](std::size_t i) {
        const auto p = at<T>(x, i), q = at<T>(y, i);
        return Made<T>{product(p, q), bool(p.is_inside() & q.is_inside())};
      },
      [&](std::size_t i) { return ball(at<T>(x, i)) * ball(at<T>(y, i)); });
}

template <class T>
BallRow<T> BallRow<T>::over(const BallRow& b) const {
  const Node &x = *row_, &y = *b.row_;
  return each(
      [&](std::size_t i) {
        const auto p = at<T>(x, i), q = at<T>(y, i);
        return Made<T>{quotient(p, q), bool(p.is_inside() & q.is_inside())};
      },
      [&](std::size_t i) { return ball(at<T>(x, i)) / ball(at<T>(y, i)); });
}

template <class T>
BallRow<T> BallRow<T>::root() const {
  const Node& x = *row_;
  return each(
      [&](std::size_t i) {
        const auto p = at<T>(x, i);
        return Made<T>{drift::root(p), p.is_inside()};
      },
      [&](std::size_t i) { return sqrt(ball(at<T>(x, i))); });
}

template <class T>
BallRow<T> BallRow<T>::plus(const BallRow& a, const BallRow& b) const {
  const Node &x = *a.row_, &y = *b.row_, &z = *row_;
  return each(
      [&](std::size_t i) {
        const auto p = at<T>(x, i), q = at<T>(y, i), r = at<T>(z, i);
        return Made<T>{fused(p, q, r), bool(p.is_inside() & q.is_inside() & r.is_inside())};
      },
      [&](std::size_t i) { return fma(ball(at<T>(x, i)), ball(at<T>(y, i)), ball(at<T>(z, i))); });
}

template <class T>
BallRow<T> BallRow<T>::decayed(const BallRow& w) const {
  const Node &x = *w.row_, &y = *row_;
  return each(
      [&](std::size_t i) {
        const auto p = at<T>(x, i), q = at<T>(y, i);
        return Made<T>{decay_of(p, q), bool(p.is_inside() & q.is_inside())};
      },
      [&](std::size_t i) { return decay(ball(at<T>(x, i)), ball(at<T>(y, i))); });
}

// Selections do not round, so that their radii are Ball's in any range.

template <class T>
BallRow<T> BallRow<T>::or_larger(const BallRow& b) const {
  BallRow made;
  made.row_ = Pooled<Node>::fresh();
  for (std::size_t i = 0; i < row_size; ++i) {
    const T p = row_->value[i], q = b.row_->value[i];
    made.row_->value[i] = p < q || q != q ? q : p;
    made.row_->radius[i] = std::max(row_->radius[i], b.row_->radius[i]);
  }
  return made;
}

template <class T>
BallRow<T> BallRow<T>::clipped() const {
  BallRow made;
  made.row_ = Pooled<Node>::fresh();
  for (std::size_t i = 0; i < row_size; ++i)
    made.row_->value[i] = row_->value[i] < 0 ? 0 : row_->value[i];
  made.row_->radius = row_->radius;
  return made;
}

template <class T>
BallRow<T> BallRow<T>::chooses(const BallRow& value) const {
  BallRow made;
  made.row_ = Pooled<Node>::fresh();
  for (std::size_t i = 0; i < row_size; ++i) {
    const auto x = at<T>(*row_, i), then = at<T>(*value.row_, i);
    const bool known = x.size() > x.radius || x.is_zero();
    made.row_->value[i] = x.value > 0 ? then.value : 0;
    made.row_->radius[i] = !known ? infinity : x.value > 0 ? then.radius : 0;
  }
  return made;
}

template class BallRow<float>;
template class BallRow<double>;

}  // namespace truestep::drift
