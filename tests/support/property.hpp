// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <limits>
#include <rapidcheck.h>
#include <string>
#include <type_traits>

#include "report.hpp"
#include "sections.hpp"

namespace truestep::test {

/// u: half the spacing of T's numbers at 1.
template <class T>
inline constexpr long double unit_roundoff = std::numeric_limits<T>::epsilon() / 2;

/// Coordinates that RapidCheck generates at a time.
inline constexpr std::size_t per_case = 128;

/// Adds to the counts of a tally and returns "" or the report of a failure.
template <class Case>
using Property = std::function<std::string(const Case&, Outcome& tally)>;

/// Checks a property on generated cases. Of the reports of its failures the last one seen is the
/// smallest that RapidCheck's shrinking found.
/// @tparam Case  Block or Sequence (generate.hpp), of float or double, or settings
template <class Case>
Outcome check(const Effort&, std::size_t cases, const rc::Gen<Case>& generator,
              const Property<std::type_identity_t<Case>>& property);

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
