// SPDX-License-Identifier: Apache-2.0
#include "identify.hpp"

#include <truestep/proofs/statements.hpp>

#include <optional>

#include "numbers.hpp"

namespace truestep::identify {

/// Compiled a rule in each file.
template <class Rule>
Report report(const Record&, const Options&);

Report identify(const std::string& rule, const Record& run, const Options& options) {
  std::optional<Report> found;
  settings::with_rule(rule, [&]<class Rule>(Rule) { found = report<Rule>(run, options); });
  return found.value();
}

}  // namespace truestep::identify
