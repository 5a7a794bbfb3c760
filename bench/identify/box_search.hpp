// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "box.hpp"
#include "description.hpp"
#include "outcome.hpp"
#include "record.hpp"

/// All numbers that a run may have been made with, as far as they are not known: branch and bound
/// over the box of them.
namespace truestep::identify {

/// How a search ended.
enum class End {
  fits,      ///< some numbers do
  excluded,  ///< at every number of the box, by this proof
  open       ///< the search was given up
};

/// Numbers by their names, and where they lie: of the values that are looked through, with
/// coefficients formed as they were in the search.
using Ranges = std::vector<std::pair<std::string, Interval>>;

struct Searched {
  End end;
  Description h;
  Outcome outcome;                         ///< of h, or of the best that was tried
  std::optional<Coefficients> habit = {};  ///< with which h fits
  Ranges ranges = {};                      ///< outside which nothing fits, as far as that is known
};

/// Looks through the box of the numbers of these names, quickly first where that may do.
///
/// @param budget  steps of a coordinate over a part of the box that it may take
Searched searched(const Description&, const std::vector<std::string>& names, const Record& run,
                  const Forming&, std::size_t budget);

}  // namespace truestep::identify
