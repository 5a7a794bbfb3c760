// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "drift/audit.hpp"
#include "ranks.hpp"

namespace truestep {

/// Audits some columns in each of several ranks.
///
/// The first rank gets all parts into its request, from which nothing is left to run, and true; the
/// others false. Where a rank fails, all end: with what it says, and how far each of the others
/// was.
///
/// @param prepare   makes the requests; what it throws is said once where all ranks throw the same
/// @param requests  one, on recorded gradients, of all columns
bool audit_by_ranks(const Ranks& ranks, const std::function<void()>& prepare,
                    std::vector<drift::Request>& requests);

}  // namespace truestep
