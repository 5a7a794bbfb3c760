// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "candidate.hpp"
#include "excuses.hpp"
#include "identify.hpp"

/// What is worth saying of the conventions that fit.
namespace truestep::identify {

/// Candidates, those of one map together.
using Maps = std::vector<std::vector<const Candidate*>>;

std::vector<std::string> names(const std::vector<const Candidate*>& candidates);

/// The consistent candidates, those of one map together.
Maps maps_of(const std::vector<Candidate>& candidates);

/// What fits with one number not as told.
void add_otherwise(std::vector<Finding>& findings, const std::vector<Otherwise>& otherwise);

std::vector<Finding> findings(const std::vector<Candidate>& candidates, const Maps& maps,
                              const Record& run);

}  // namespace truestep::identify
