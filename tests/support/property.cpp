// SPDX-License-Identifier: Apache-2.0
#include "property.hpp"

#include <sstream>

#include "generate.hpp"

namespace truestep::test {

template <class Case>
Outcome check(const Effort& effort, std::size_t cases, const rc::Gen<Case>& generator,
              const Property<std::type_identity_t<Case>>& property) {
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

template Outcome check(const Effort&, std::size_t, const rc::Gen<Block<float>>&,
                       const Property<Block<float>>&);
template Outcome check(const Effort&, std::size_t, const rc::Gen<Block<double>>&,
                       const Property<Block<double>>&);
template Outcome check(const Effort&, std::size_t, const rc::Gen<std::vector<Setting>>&,
                       const Property<std::vector<Setting>>&);
template Outcome check(const Effort&, std::size_t, const rc::Gen<Sequence<float>>&,
                       const Property<Sequence<float>>&);
template Outcome check(const Effort&, std::size_t, const rc::Gen<Sequence<double>>&,
                       const Property<Sequence<double>>&);

}  // namespace truestep::test
