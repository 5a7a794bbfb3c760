// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <vector>

#include "runs/given.hpp"

namespace truestep::examples {

/// A run that another program recorded: tests/traces/NAME.
struct Trace {
  const char *name, *rule, *convention;
  settings::Given
      given;  ///< the numbers that it was made with, as far as they are not the convention's
};

inline std::ostream& operator<<(std::ostream& out, const Trace& trace) {
  return out << trace.name;
}

/// Those of a rule: RULE.hpp, where there are any.
template <class Rule>
std::vector<Trace> traces_of() {
  return {};
}

}  // namespace truestep::examples
