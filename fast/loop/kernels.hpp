// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <tuple>
#include <type_traits>

#include <truestep/fast/coefficients/corrections.hpp>
#include <truestep/fast/lanes/lanes.hpp>

namespace truestep::fast {

/// Runs a lane over `count` coordinates, in place. Of a lane without states, theta's step goes to
/// where the first state would be. The arrays are otherwise disjoint, of any alignment.
///
/// There are six arguments, the first state apart from the `others`, so that all are in registers.
/// An argument in memory is a store more, and the shortest steps wait for nothing but stores.
template <class T>
using Kernel = void (*)(const T* coefficient, T* theta, const T* gradient, std::size_t count,
                        T* first, T* const* others);

/// A rule's kernels of the SIMD target in use, in the order of its KernelLanes: the first are those
/// of its choices, by their index. Each rule's are compiled on their own, in one part or several
/// (kernels.cpp.in).
template <class T, class Hyperparameters>
[[gnu::visibility("hidden")]] const Kernel<T>* kernels();

/// The same if they are known already, else null: asking Highway takes calls into its library. The
/// table was filled when it was first asked for: who stores it releases it, who loads it acquires
/// it.
template <class T, class Hyperparameters>
inline constinit std::atomic<const Kernel<T>*> known_kernels = nullptr;

/// The position of a lane among those of a rule.
template <class Hyperparameters, class Lane>
constexpr std::size_t kernel_index = []<class... Each>(std::type_identity<std::tuple<Each...>>) {
  std::size_t index = 0;
  (void)((std::is_same_v<Lane, Each> || (++index, false)) || ...);
  return index;
}(std::type_identity<KernelLanes<Hyperparameters>>());

}  // namespace truestep::fast
