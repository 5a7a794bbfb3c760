// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "record.hpp"

/// Small deviations of a program from a rule, of whichever rule, each as a change to the record
/// after which the rule explains it.
namespace truestep::identify {

struct Edit {
  std::string words;  ///< "the gradient's sign is turned", after "if"
  std::function<Record(const Record&)> edited;
};

/// The likelier first.
///
/// @param broken  the first step that the rule as it is does not explain
std::vector<Edit> edits_of(const Record& run, std::size_t broken);

/// Coordinates by their numbers: "0-5, 7".
std::string ranges(const std::vector<std::size_t>& numbers);

/// Coordinates that no step moves, though some gradient of them is not 0.
std::vector<std::size_t> frozen_coordinates(const Record& run);

}  // namespace truestep::identify
