// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <vector>

#include "replay.hpp"

/// Whether a run can tell two descriptions of a rule apart, and which would.
namespace truestep::identify {

/// Whether at some step of the run no result is within both bounds, or one alone is undefined
/// (0 / 0).
/// @param visit  is called before the second makes a step: with the step, the coordinate, its theta
///               before, and what the first makes of it
template <class Rule, class T, class Visit>
bool told_apart(const Numbers<Rule>& a, const Numbers<Rule>& b, const Record& run,
                const Visit& visit) {
  using Number = Judging<T>;
  Replay<Rule, Number> first(a, run), second(b, run);
  std::vector<Number> moved(run.coordinates);
  bool apart = false;
  for (std::size_t t = 1; t <= run.steps && !apart; ++t) {
    first.step(t, [&](std::size_t i, double before, const Number& theta, double) {
      moved[i] = theta;
      visit(t, i, before, theta);
    });
    second.step(t, [&](std::size_t i, double, const Number& theta, double) {
      const bool far = std::fabs(moved[i].value - theta.value) > moved[i].radius + theta.radius;
      apart |= far || std::isnan(moved[i].value) != std::isnan(theta.value);
    });
  }
  return apart;
}

/// Whether two descriptions are the same map, as far as a run in double that is made for it shows.
template <class Rule>
bool same_map(const Numbers<Rule>& a, const Numbers<Rule>& b) {
  static const Record run = probe();
  if (a == b) return true;
  const auto as_it_is = [](auto&&...) {};
  return !told_apart<Rule, double>(a, b, run, as_it_is);
}

/// Whether the run that the first would make of the same gradients, from the same first parameters,
/// tells the two apart. It is made as it is looked at, a step at a time.
template <class Rule, class T>
bool would_tell(const Numbers<Rule>& a, const Numbers<Rule>& b, Record run) {
  run.storage = Storage::as_computed;
  run.recorded.clear();
  return told_apart<Rule, T>(
      a, b, run, [&](std::size_t t, std::size_t i, double before, const Judging<T>& theta) {
        run.parameters[t * run.coordinates + i] =
            theta.bounded() ? double{static_cast<T>(theta.value)} : before;
      });
}

/// Whether a run by the first with the gradients given tells the two apart.
template <class Rule>
bool would_tell(const Numbers<Rule>& a, const Numbers<Rule>& b, const Record& gradients) {
  return gradients.in_double ? would_tell<Rule, double>(a, b, gradients)
                             : would_tell<Rule, float>(a, b, gradients);
}

}  // namespace truestep::identify
