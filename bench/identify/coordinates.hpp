// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "replay.hpp"

/// The coordinates of a run that a description explains.
namespace truestep::identify {

/// The coordinates all of whose steps are within their bounds, some of which could have failed.
template <class Rule, class T>
std::vector<std::size_t> coordinates_that_fit(const Numbers<Rule>& h, const Record& run) {
  std::vector<bool> fails(run.coordinates, false), has_teeth(run.coordinates, false);
  for (std::size_t begin = 0; begin < run.coordinates; begin += together) {
    Replay<Rule, Judging<T>> replay(h, run, begin, std::min(together, run.coordinates - begin));
    for (std::size_t t = 1; t <= run.steps; ++t)
      replay.step(t, [&](std::size_t i, double before, const auto& theta, double after) {
        if (!theta.bounded()) return;
        const auto bound = bound_of_recorded(run, theta.radius, after);
        if (std::fabs(after - theta.value) > bound) fails[i] = true;
        if (bound < std::fabs(theta.value - before)) has_teeth[i] = true;
      });
  }
  std::vector<std::size_t> fit;
  for (std::size_t i = 0; i < run.coordinates; ++i)
    if (!fails[i] && has_teeth[i]) fit.push_back(i);
  return fit;
}

template <class Rule>
std::vector<std::size_t> coordinates_that_fit(const Numbers<Rule>& h, const Record& run) {
  return run.in_double ? coordinates_that_fit<Rule, double>(h, run)
                       : coordinates_that_fit<Rule, float>(h, run);
}

}  // namespace truestep::identify
