// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace truestep::test {

/// How often this program has allocated memory with new, on all threads.
std::size_t allocations();

}  // namespace truestep::test
