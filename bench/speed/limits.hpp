// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

/// What no kernel can be faster than, measured. Vectors are as wide as the processor has them.
namespace truestep::speed {

/// Reads and writes the arrays as a step does, and adds 0 times the gradient, which leaves all
/// as it is: what the memory needs.
template <class T>
void memory_roof(T zero, std::size_t count, T* theta, std::span<T* const> states,
                 const T* gradient);

/// One division and one square root per element, in registers: what the divider needs, which every
/// rule with an epsilon keeps busy so.
template <class T>
void divider_floor(std::size_t count);

}  // namespace truestep::speed
