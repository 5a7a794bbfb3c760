// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace truestep::fast {

/// The SIMD targets that are compiled in and that this processor has, best first, by Highway's
/// names: "AVX3", "AVX2", "SSE4", "SSSE3", "SCALAR" or "EMU128", "NEON".
std::vector<std::string> targets();

/// The target in use; the best one unless use_target said otherwise.
std::string target();

/// Makes every later step of this process run on the named target, for tests and comparisons: all
/// targets give the same bits. Not to be called while another thread is in a step.
///
/// Throws std::invalid_argument unless `name` is one of targets().
void use_target(std::string_view name);

}  // namespace truestep::fast

#pragma GCC visibility pop
