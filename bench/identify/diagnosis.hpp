// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "candidate.hpp"
#include "record.hpp"

/// What fits a run that no description fits as it is: a description with one small deviation. Each
/// is judged by the bounds that judge the description itself, so that whatever is named fits.
namespace truestep::identify {

/// A deviation, and the conventions that fit with it.
struct Deviation {
  std::string words;
  std::vector<std::string> conventions;
};

std::vector<Deviation> deviations(const std::vector<Candidate>& candidates, const Record& whole);

}  // namespace truestep::identify
