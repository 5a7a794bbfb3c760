// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "any_rule.hpp"

/// A learning rate for each step with which a description explains a run.
namespace truestep::identify {

/// "0.1 at steps 1-30, 0.01 at steps 31-60".
std::string words_of(const std::vector<Piece>&);

/// The pieces, if a replay of the run with them is within its bounds.
/// @param some  coordinates of it, by which they are found
std::optional<std::vector<Piece>> schedule(const Description&, const Record& run,
                                           const Record& some);

}  // namespace truestep::identify
