#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>

#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/fast/lanes/lanes.hpp>

namespace truestep::fast {

/// Runs a lane over `count` coordinates, in place. Of a lane without states, theta's step goes to
/// where the first state would be. The arrays are otherwise disjoint, of any alignment.
///
/// The first state is apart from the `others`, and six arguments are all there are, because an
/// argument in memory is a store more: the shortest steps wait for nothing but stores.
template <class T>
using Kernel = void (*)(const T* coefficient, T* theta, const T* gradient, std::size_t count,
                        T* first, T* const* others);

/// The kernels of the SIMD target in use, in the order of lane::All.
template <class T>
const Kernel<T>* kernels();

/// The same if they are known already, else null: asking Highway takes calls into its library.
template <class T>
inline constinit std::atomic<const Kernel<T>*> known_kernels = nullptr;

/// What bias correction divides by.
struct Corrections {
  std::array<DoubleDouble, 2> one_minus_power;  ///< 1 - base^n of two bases
  DoubleDouble reciprocal_root;                 ///< 1 / sqrt of the second
};

/// For bases in [0, 1) and n in [1, 2^63], to a relative error of at most 2^-95, and 2^-94 for the
/// root. Computed on the SIMD target in use, for several steps at once; the bits are the same on
/// all. Of consecutive steps each takes 25 nanoseconds, of steps far apart 300 (measured, Zen 4).
Corrections corrections(const std::array<double, 2>& base, std::uint64_t n);

/// The position of a lane in lane::All.
template <class Lane>
constexpr std::size_t lane_index = []<class... Each>(std::type_identity<std::tuple<Each...>>) {
  std::size_t index = 0;
  (void)((std::is_same_v<Lane, Each> || (++index, false)) || ...);
  return index;
}(std::type_identity<lane::All>());

}  // namespace truestep::fast
