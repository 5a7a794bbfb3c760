// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "candidate.hpp"
#include "record.hpp"

/// What becomes of candidates: each fits, is excluded, or stays open.
namespace truestep::identify {

/// Steps of a coordinate over a part of a box that a search may take: for numbers that make a
/// convention fit, first a few; for one number otherwise than told; for a proof that there are
/// none; and for such a proof with one habit.
namespace effort {
inline constexpr std::size_t to_fit_soon = 3000, to_fit = 16000, to_excuse = 3000,
                             to_exclude = 2000, by_habit = 500;
}

/// Whether the convention fits with its coefficients formed as usual.
void judge(Candidate& candidate, const Record& run, const Forming& forming, std::size_t most);

/// Tries the numbers with which some of the lenders fit in those that do not yet.
void lend_numbers(std::vector<Candidate>& all, const std::vector<Candidate>& lenders,
                  const Record& run);

/// Takes what came of the same description with nothing to be sought, if it fits.
void take_known(Candidate& candidate, const std::vector<Candidate>& judged);

/// Fits candidates that are open, then rules out what does not fit.
void settle(std::vector<Candidate>& all, const Record& run);

}  // namespace truestep::identify
