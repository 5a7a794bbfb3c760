// SPDX-License-Identifier: Apache-2.0
#include "narrowing.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace truestep::identify {
namespace {

using Wide = Interval::Wide;
using Vector = std::array<Wide, Box::most>;

Wide dot(const Vector& a, const Vector& b, std::size_t n) {
  Wide sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

/// A row's slopes in units of its radius over the sides, so that rows may be compared.
Vector scaled(const Row& row, const std::array<Interval, Box::most>& deviation, std::size_t n) {
  Vector result = {};
  for (std::size_t i = 0; i < n; ++i)
    result[i] =
        row.slope[i].is_finite() ? row.slope[i].middle() * deviation[i].width() / row.radius : 0;
  return result;
}

/// Rows that tell the most different things, by Gram and Schmidt: as many as there are numbers, or
/// fewer.
std::vector<const Row*> telling(const std::vector<Row>& rows,
                                const std::array<Interval, Box::most>& deviation, std::size_t n) {
  std::vector<std::pair<Vector, const Row*>> left;
  for (const Row& row : rows) left.push_back({scaled(row, deviation, n), &row});
  std::vector<const Row*> chosen;
  while (chosen.size() < n && !left.empty()) {
    const auto longest =
        std::max_element(left.begin(), left.end(), [&](const auto& a, const auto& b) {
          return dot(a.first, a.first, n) < dot(b.first, b.first, n);
        });
    const Vector along = longest->first;
    const Wide square = dot(along, along, n);
    if (!(square > 0) || !std::isfinite(square)) break;
    chosen.push_back(longest->second);
    for (auto& [vector, row] : left) {
      const Wide share = dot(vector, along, n) / square;
      for (std::size_t i = 0; i < n; ++i) vector[i] -= share * along[i];
    }
  }
  return chosen;
}

/// The factors of rows whose sum has the i-th slope alone, about: the inverse of the matrix of
/// middles. Empty where there is none.
std::vector<Vector> factors(const std::vector<const Row*>& rows, std::size_t n) {
  std::vector<Vector> a(n), inverse(n);
  for (std::size_t k = 0; k < n; ++k) {
    inverse[k] = {};
    inverse[k][k] = 1;
    for (std::size_t i = 0; i < n; ++i) a[k][i] = rows[k]->slope[i].middle();
  }
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t k = column; k < n; ++k)
      if (std::fabs(a[k][column]) > std::fabs(a[pivot][column])) pivot = k;
    if (!(std::fabs(a[pivot][column]) > 0)) return {};
    std::swap(a[pivot], a[column]);
    std::swap(inverse[pivot], inverse[column]);
    const Wide by = a[column][column];
    for (std::size_t i = 0; i < n; ++i) a[column][i] /= by, inverse[column][i] /= by;
    for (std::size_t k = 0; k < n; ++k) {
      if (k == column) continue;
      const Wide times = a[k][column];
      for (std::size_t i = 0; i < n; ++i) {
        a[k][i] -= times * a[column][i];
        inverse[k][i] -= times * inverse[column][i];
      }
    }
  }
  return inverse;
}

}  // namespace

Narrowing::Narrowing(const Box& box) : box_(box), deviation_{} {
  for (std::size_t i = 0; i < box.count; ++i) deviation_[i] = box.deviation(i);
}

bool Narrowing::by(const Row& row) {
  const std::size_t n = box_.count;
  std::array<Interval, Box::most> share;
  Interval sum = row.offset;
  for (std::size_t i = 0; i < n; ++i) sum = sum + (share[i] = row.slope[i] * deviation_[i]);
  if (!sum.contains(0)) return false;
  for (std::size_t i = 0; i < n; ++i) {
    if (row.slope[i].contains(0) || !row.slope[i].is_finite()) continue;
    Interval others = row.offset;
    for (std::size_t k = 0; k < n; ++k)
      if (k != i) others = others + share[k];
    if (!others.is_finite()) continue;
    deviation_[i] = both(deviation_[i], -others / row.slope[i]);
    if (deviation_[i].is_empty()) return false;
    share[i] = row.slope[i] * deviation_[i];
  }
  return true;
}

bool Narrowing::by_combinations(const std::vector<Row>& rows) {
  const std::size_t n = box_.count;
  if (n < 2) return true;
  const auto chosen = telling(rows, deviation_, n);
  if (chosen.size() < n) return true;
  const auto inverse = factors(chosen, n);
  for (const Vector& factor : inverse) {
    Row sum{Interval::point(0), {}, 1, 0};
    bool finite = true;
    for (std::size_t k = 0; k < n; ++k) {
      finite = finite && std::isfinite(factor[k]) && chosen[k]->offset.is_finite();
      if (!finite) break;
      const Interval times = Interval::point(factor[k]);
      sum.offset = sum.offset + times * chosen[k]->offset;
      for (std::size_t i = 0; i < n; ++i) sum.slope[i] = sum.slope[i] + times * chosen[k]->slope[i];
    }
    if (finite && !by(sum)) return false;
  }
  return true;
}

bool Narrowing::is_much() const {
  for (std::size_t i = 0; i < box_.count; ++i)
    if (deviation_[i].width() < box_.side[i].width() / 4) return true;
  return false;
}

bool Narrowing::apply_to(Box& box) const {
  for (std::size_t i = 0; i < box.count; ++i) {
    box.side[i] = both(box.side[i], Interval::point(box.center[i]) + deviation_[i]);
    if (box.side[i].is_empty()) return false;
  }
  return true;
}

}  // namespace truestep::identify
