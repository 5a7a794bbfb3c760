// SPDX-License-Identifier: Apache-2.0
#include "excerpt.hpp"

#include <algorithm>
#include <cmath>

namespace truestep::identify {
namespace {

constexpr std::size_t first_columns = 10, first_steps = 8;

/// How far a coordinate moves in its first steps, beside what rounding may do.
double told(const Record& run, std::size_t i) {
  double most = 0;
  for (std::size_t t = 0; t < std::min(run.steps, first_steps); ++t) {
    const double before = run.parameters[t * run.coordinates + i];
    const double after = run.parameters[(t + 1) * run.coordinates + i];
    const double size = std::fabs(before) + std::fabs(after - before);
    if (size > 0) most = std::max(most, std::fabs(after - before) / size);
  }
  return most;
}

double first_gradient(const Record& run, std::size_t i) {
  for (std::size_t t = 0; t < std::min(run.steps, first_steps); ++t)
    if (const double g = run.gradients[t * run.coordinates + i]; g != 0) return std::fabs(g);
  return 0;
}

}  // namespace

/// From each share of the coordinates by the size of their gradient, those that move most.
Excerpt::Excerpt(const Record& run) : run_(run), record_{} {
  std::vector<std::size_t> live;
  for (std::size_t i = 0; i < run.coordinates; ++i)
    if (first_gradient(run, i) > 0) live.push_back(i);
  if (live.empty())
    for (std::size_t i = 0; i < std::min(run.coordinates, first_columns); ++i) live.push_back(i);
  std::sort(live.begin(), live.end(), [&](std::size_t a, std::size_t b) {
    return first_gradient(run, a) < first_gradient(run, b);
  });
  const std::size_t count = std::min(first_columns, live.size());
  for (std::size_t k = 0; k < count; ++k) {
    const auto begin = live.begin() + static_cast<std::ptrdiff_t>(k * live.size() / count);
    const auto end = live.begin() + static_cast<std::ptrdiff_t>((k + 1) * live.size() / count);
    columns_.push_back(
        {*std::max_element(
             begin, end, [&](std::size_t a, std::size_t b) { return told(run, a) < told(run, b); }),
         std::min(run.steps, first_steps)});
  }
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
  for (const auto& column : columns_) steps = std::max(steps, column.steps);
  record_ = {run_.in_double,    steps, columns_.size(), {}, {}, run_.learning_rate,
             run_.weight_decay, run_.t};
  for (std::size_t t = 0; t <= steps; ++t)
    for (const auto& column : columns_)
      record_.parameters.push_back(run_.parameters[t * run_.coordinates + column.coordinate]);
  for (std::size_t t = 0; t < steps; ++t)
    for (const auto& column : columns_)
      record_.gradients.push_back(run_.gradients[t * run_.coordinates + column.coordinate]);
}

}  // namespace truestep::identify
