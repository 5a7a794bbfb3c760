// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <rapidcheck.h>
#include <sstream>

#include "report.hpp"
#include "sections.hpp"

namespace truestep::test {

/// u: half the spacing of T's numbers at 1.
template <class T>
inline constexpr long double unit_roundoff = std::numeric_limits<T>::epsilon() / 2;

/// Coordinates that RapidCheck generates at a time.
inline constexpr std::size_t per_case = 128;

/// Checks `property` on generated cases. It adds to the counts of a tally and returns "" or the
/// report of a failure, of which the last one seen is the smallest that RapidCheck's shrinking
/// found.
template <class Case, class Property>
Outcome check(const Effort& effort, std::size_t cases, const rc::Gen<Case>& generator,
              Property property) {
  Outcome outcome;
  auto params = rc::detail::configuration().testParams;
  if (effort.seed) params.seed = *effort.seed;
  params.maxSuccess = static_cast<int>(cases);
  const auto result = rc::detail::checkTestable(
      [&] {
        const Case generated = *generator;
        const std::string report = property(generated, outcome);
        if (report.empty()) return;
        outcome.report = report;
        RC_FAIL("");
      },
      rc::detail::TestMetadata(), params);
  outcome.held = result.template is<rc::detail::SuccessResult>();
  if (outcome.held) return outcome;
  std::ostringstream message;
  if (outcome.report.empty()) rc::detail::printResultMessage(result, message);
  message << outcome.report << "rerun: RC_PARAMS=\"seed=" << params.seed << "\" ";
  outcome.report = message.str();
  return outcome;
}

/// The two outcomes as one; a section whose first part failed reports that.
inline Outcome operator&&(Outcome a, const Outcome& b) {
  a.checked += b.checked;
  a.teeth += b.teeth;
  if (a.held) a.report = b.report;
  a.held = a.held && b.held;
  return a;
}

/// Fails an outcome that checked too little to mean anything.
inline Outcome demand(Outcome outcome, const Effort& effort) {
  if (!effort.demanding || !outcome.held) return outcome;
  outcome.held = outcome.checked >= effort.coordinates &&
                 outcome.teeth >= effort.coordinates / toothless_limit;
  if (!outcome.held)
    outcome.report = text("checked ", outcome.checked, " coordinates, ", outcome.teeth,
                          " with teeth: too few\n");
  return outcome;
}

}  // namespace truestep::test
