// SPDX-License-Identifier: Apache-2.0
#include "identify.hpp"

#include <truestep/proofs/statements.hpp>

#include <memory>
#include <optional>
#include <vector>

#include "excerpt.hpp"
#include "numbers.hpp"

namespace truestep::identify {

/// Compiled a rule in each file.
template <class Rule>
Report report(const Record&, const Options&);

Report identify(const std::string& rule, const Record& run, const Options& options) {
  Record looked_at = run;
  looked_at.telling = std::make_shared<const std::vector<std::size_t>>(telling_coordinates(run));
  std::optional<Report> found;
  settings::with_rule(rule, [&]<class Rule>(Rule) { found = report<Rule>(looked_at, options); });
  if (run.is_reading_assumed && found->consistent.empty()) {
    found->determined = false;
    found->verdict +=
        "; which rows were recorded was taken from their number alone, so that this excludes "
        "nothing";
  }
  return found.value();
}

}  // namespace truestep::identify
