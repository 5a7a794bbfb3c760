// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "diagnosis.hpp"
#include "findings.hpp"
#include "identify.hpp"
#include "rivals.hpp"

namespace truestep::identify {

/// A report in one sentence.
std::string verdict(const AnyRule& rule, const std::vector<Candidate>& candidates, const Maps& maps,
                    const Rivals& rivals, const std::vector<Deviation>& deviations,
                    const Record& run, const Options& options);

}  // namespace truestep::identify
