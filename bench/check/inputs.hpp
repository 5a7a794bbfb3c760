// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reference.hpp"

/// What kernels are given, made from a seed alone, alike on every machine.
namespace truestep::trial {

/// splitmix64 (Steele, Lea, Flood 2014), seeded by a number and a name.
class Random {
 public:
  Random(std::uint64_t seed, std::string_view name);

  std::uint64_t next();
  /// In [0, 1).
  double unit();
  /// In [low, high).
  double between(double low, double high) { return low + (high - low) * unit(); }
  /// 10^x, x in [low, high), of either sign.
  double signed_power(double low, double high);

 private:
  std::uint64_t state_;
};

/// Has vectors of every width, and a tail of all of them.
inline constexpr std::size_t usual_length = 203;
inline constexpr std::size_t steps_of_a_course = 60;
inline constexpr std::size_t steps_of_a_long_course = 250;

enum class Numbers {
  own,      ///< those of the map
  telling,  ///< at which conventions part: no two are alike, and an epsilon is felt
  drawn
};

/// Those numbers of a map that are not pinned are chosen anew.
NumberList numbers(const Map&, const NumberList& pinned, Numbers, Random&);

/// Steps from where an optimizer begins: gradients of all sizes and kinds, ordinary, tiny, huge,
/// sparse, alternating, constant, zero and ranging, in every part of the array. A third of the
/// thetas are put back to 0 before each step, where nothing hides the move.
Job course(const Map&, const NumberList&, const Storage&, std::size_t steps, Random&);

/// The first `length` coordinates of a job of one tensor.
Job shortened(const Job&, std::size_t length);
/// Its coordinates from the last to the first.
Job reversed(const Job&);

}  // namespace truestep::trial
