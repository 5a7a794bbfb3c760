// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "reference.hpp"

namespace truestep::trial {

/// One result beside what the reference makes of it.
struct Place {
  Expected expected = {};
  double observed = 0;
  long double bound = 0;     ///< the radius, or half an ulp where that is more
  long double share = 0;     ///< how much of the bound the distance is; infinite for a NaN
  long double distance = 0;  ///< in u times the sizes added up
};

struct Judged {
  std::size_t claims = 0;     ///< steps of a coordinate with a bound
  std::size_t teeth = 0;      ///< those that move by more than it, so that no move would be wrong
  std::size_t unclaimed = 0;  ///< steps of a coordinate without one
  std::size_t results = 0;    ///< that were held to a bound, states included
  std::size_t failures = 0;   ///< those outside
  std::optional<Place> first;
  Place worst;                                ///< the largest share
  Place farthest;                             ///< the largest distance
  std::vector<std::size_t> failures_of = {};  ///< by quantity, as in Expected
  // By coordinate:
  std::vector<bool> wrong;       ///< whether some result is outside
  std::vector<bool> not_finite;  ///< whether one is NaN or infinite that has a bound
  std::vector<bool> moved;       ///< whether theta ever moved
};

/// Coordinates that a vector loop leaves over are fewer.
inline constexpr std::size_t longest_tail = 63;

enum class Until {
  first_failure,
  /// It is another map: more coordinates than a tail has are wrong, though stored and finite.
  beyond_a_tail,
  the_end
};

/// @param left_out  coordinates that are not looked at; none where empty
Judged judge(const Map&, Habit, const Job&, const Run&, Until = Until::the_end,
             const std::vector<bool>& left_out = {});

/// Adds what was judged of another run; places stay those of the first of equals.
void add(Judged& all, const Judged& more);

/// A number in decimal, enough digits to read it back, and in bits.
std::string in_bits(Format, double);

/// The input and the results of a place, a line each.
std::vector<std::string> described(const Place&, const Map&, const Job&, const Run&);

}  // namespace truestep::trial
