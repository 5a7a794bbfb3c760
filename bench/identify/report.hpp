// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "any_rule.hpp"
#include "identify.hpp"

/// All that identify says of a run by one rule.
namespace truestep::identify {

/// A run in float whose parameters all are numbers of bfloat16 may have been stored so.
Report report(const AnyRule& rule, const Record& run, const Options& options);

}  // namespace truestep::identify
