// SPDX-License-Identifier: Apache-2.0
#include "replayed.hpp"

#include "any_rule.hpp"
#include "stopped.hpp"

namespace truestep::identify {

Outcome replayed(const Description& h, const Record& run, Extent extent, const Coefficients& how) {
  return h.rule().replayed(h, run, extent, how);
}

std::optional<Outcome> replayed_unless_stopped(const Description& h, const Record& run,
                                               Extent extent) {
  try {
    return replayed(h, run, extent);
  } catch (const Stopped&) {
    return {};
  }
}

Fit replayed_by_any(const Description& h, const Record& run, const Outcome& usual) {
  if (!usual.first || run.in_double) return {usual};
  for (const auto& habit : habits)
    if (const auto outcome = replayed(h, run, Extent::whether_it_fails, habit); !outcome.first)
      return {outcome, habit};
  return {usual};
}

Fit replayed_by_any(const Description& h, const Record& run) {
  return replayed_by_any(h, run, replayed(h, run));
}

}  // namespace truestep::identify
