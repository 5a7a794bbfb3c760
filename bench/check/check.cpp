// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"

#include <iostream>

#include "declared.hpp"
#include "examine.hpp"

namespace truestep {
Convention convention(std::string_view name) {
  const auto bare = name.substr(0, name.find(','));
  return {trial::rule_of_class(bare), std::string(name)};
}

Convention convention(std::string_view rule, std::string_view name) {
  return {std::string(rule), std::string(name)};
}

Checked check(const Convention& convention, trial::Kernel& kernel, const trial::Storage& format,
              const CheckOptions& options) {
  auto request = trial::declared(convention.rule, convention.name);
  request.format = format;
  request.seed = options.seed;
  request.trials = options.trials;
  request.limit = options.limit;
  request.only = options.only;
  const auto report = trial::examine(kernel, request);
  Checked checked(report.verdict(options.strict) == trial::Report::Verdict::right,
                  report.text("options."));
  if (!checked) std::cerr << checked << std::flush;
  return checked;
}

}  // namespace truestep
