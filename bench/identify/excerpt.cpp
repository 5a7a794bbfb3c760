// SPDX-License-Identifier: Apache-2.0
#include "excerpt.hpp"

#include <algorithm>
#include <cmath>

namespace truestep::identify {
namespace {

constexpr std::size_t first_columns = 10, first_steps = 8;

/// What the first steps of a coordinate say.
struct Look {
  double moves = 0;           ///< at most, beside what rounding may do
  double first_gradient = 0;  ///< in size, that is not 0
};

std::vector<Look> looks(const Record& run) {
  std::vector<Look> all(run.coordinates);
  std::vector<double> rows[3];
  for (std::size_t t = 0; t < std::min(run.steps, first_steps); ++t) {
    const double* const before = run.parameters_from(t, 0, run.coordinates, rows[0]);
    const double* const after = run.parameters_from(t + 1, 0, run.coordinates, rows[1]);
    const double* const g = run.gradients_from(t, 0, run.coordinates, rows[2]);
    for (std::size_t i = 0; i < run.coordinates; ++i) {
      if (t >= run.end(i)) continue;
      auto& [moves, first_gradient] = all[i];
      const double move = std::fabs(after[i] - before[i]), size = std::fabs(before[i]) + move;
      if (size > 0) moves = std::max(moves, move / size);
      if (first_gradient == 0) first_gradient = std::fabs(g[i]);
    }
  }
  return all;
}

}  // namespace

std::vector<std::size_t> telling_coordinates(const Record& run) {
  const auto all = looks(run);
  std::vector<std::size_t> live, telling;
  for (std::size_t i = 0; i < run.coordinates; ++i)
    if (all[i].first_gradient > 0) live.push_back(i);
  if (live.empty())
    for (std::size_t i = 0; i < std::min(run.coordinates, first_columns); ++i) live.push_back(i);
  std::sort(live.begin(), live.end(), [&](std::size_t a, std::size_t b) {
    return all[a].first_gradient < all[b].first_gradient;
  });
  const std::size_t count = std::min(first_columns, live.size());
  for (std::size_t k = 0; k < count; ++k) {
    const auto begin = live.begin() + static_cast<std::ptrdiff_t>(k * live.size() / count);
    const auto end = live.begin() + static_cast<std::ptrdiff_t>((k + 1) * live.size() / count);
    telling.push_back(*std::max_element(
        begin, end, [&](std::size_t a, std::size_t b) { return all[a].moves < all[b].moves; }));
  }
  return telling;
}

Excerpt::Excerpt(const Record& run) : run_(run), record_{} {
  for (const std::size_t i : run.telling ? *run.telling : telling_coordinates(run))
    columns_.push_back({i, std::min(run.steps, first_steps)});
  read();
}

bool Excerpt::add(const Place& place) {
  for (auto& column : columns_)
    if (column.coordinate == place.coordinate) {
      if (column.steps >= place.step) return false;
      column.steps = std::min(run_.steps, std::max(place.step, 2 * column.steps));
      read();
      return true;
    }
  columns_.push_back({place.coordinate, std::min(run_.steps, std::max(place.step, first_steps))});
  read();
  return true;
}

bool Excerpt::add_here(const Place& place) {
  if (has(place.coordinate, place.step)) return false;
  return add({.step = place.step, .coordinate = columns_[place.coordinate].coordinate});
}

/// Where a column is longer than it was taken for, it holds what the run has there.
void Excerpt::read() {
  std::size_t steps = 0;
  std::vector<std::size_t> coordinates;
  for (const auto& column : columns_) {
    steps = std::max(steps, column.steps);
    coordinates.push_back(column.coordinate);
  }
  record_ = with_columns(run_, coordinates, steps);
}

}  // namespace truestep::identify
