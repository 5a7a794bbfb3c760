// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace truestep::drift {

/// The states that a recorded run starts from, in the order of their names.
///
/// @param file     .npz or .safetensors, with an array of each name, a number for each column
/// @param columns  of the recorded gradients
///
/// Throws std::runtime_error "FILE: REASON" for a file that cannot be taken.
std::vector<std::vector<double>> recorded_states(const std::string& file,
                                                 std::span<const std::string> names,
                                                 std::size_t columns);

}  // namespace truestep::drift
