// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "drift/audit.hpp"
#include "runs/record.hpp"
#include "ranks.hpp"

namespace truestep {

/// Columns that are not given to different ranks: those that share a scale, and rows of a first
/// look's sample.
std::size_t columns_together(const std::vector<drift::Setup>& setups);

/// Audits some columns in each of several ranks.
///
/// The first rank gets all parts into its request, from which nothing is left to run, and true; the
/// others false. Where a rank fails, all end: with what it says, and how far each of the others
/// was.
///
/// @param prepare   makes the requests, and opens this rank's columns; what it throws is said once
///                  where all ranks throw the same
/// @param record    which is opened then, and of which the ranks tell each other what they have
/// @param requests  one, on recorded gradients, of all columns
bool audit_by_ranks(const Ranks& ranks, const std::function<void()>& prepare,
                    const std::shared_ptr<drift::Record>& record,
                    std::vector<drift::Request>& requests);

}  // namespace truestep
