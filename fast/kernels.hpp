#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>

#include "lanes.hpp"

namespace truestep::fast {

/// Runs a lane over `count` coordinates, reading theta and writing theta_out (which may be theta).
/// The arrays are otherwise disjoint, of any alignment.
template <class T>
using Kernel = void (*)(const T* coefficient, const T* theta, T* theta_out, T* const* state,
                        const T* gradient, std::size_t count);

/// The kernel, on the SIMD target in use, of the lane at `index` in lane::All.
template <class T>
Kernel<T> kernel(std::size_t index);

/// The position of a lane in lane::All.
template <class Lane>
constexpr std::size_t lane_index = []<class... Each>(std::type_identity<std::tuple<Each...>>) {
  std::size_t index = 0;
  (void)((std::is_same_v<Lane, Each> || (++index, false)) || ...);
  return index;
}(std::type_identity<lane::All>());

}  // namespace truestep::fast
