// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "record.hpp"

namespace truestep::drift {

/// Numbers that a recorded run starts from.
struct RecordedStates {
  std::vector<std::vector<double>> of_columns = {};  ///< those of the record's own columns
  std::uint64_t digest = 0;  ///< of those of all columns; 0 where these lie in shards
};

/// The states that a recorded run starts from, in the order of their names.
///
/// @param file     .npz or .safetensors, with an array of each name, a number for each column; with
///                 shards where the record has them
///
/// Throws std::runtime_error "FILE: REASON" for a file that cannot be taken.
RecordedStates recorded_states(const std::string& file, std::span<const std::string> names,
                               const Record& record);

}  // namespace truestep::drift
