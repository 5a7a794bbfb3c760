// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

#include <truestep/fast/lanes/lanes.hpp>

#pragma GCC visibility push(default)

namespace truestep::fast {

inline constexpr std::size_t most_coefficients =
    []<class... Lane>(std::type_identity<std::tuple<Lane...>>) {
      return std::max({Lane::coefficients...});
    }(std::type_identity<lane::All>());

/// The coefficients of a lane that is known at run time.
template <class T>
struct CoefficientList {
  std::array<T, most_coefficients> values{};
  std::size_t size = 0;
  std::uint64_t until = 0;  ///< the last step number that has these coefficients
};

/// What the lane that the hyperparameters ask for needs of them and of t, in the lane's order, for
/// T float or double, or for the DoubleDouble of double_double.hpp, which leaves the rounding to
/// the caller.
///
/// Each coefficient is its exact expression in the hyperparameters, which are the doubles given,
/// evaluated as a double-double (double_double.hpp) and rounded to T once. What is within a
/// relative 2^-94 before that is within (1/2 + 2^-41) ulp after it, in the normal range. It is
/// proved that a / (1 - beta^t) and 1 / sqrt(1 - beta^t) are, for every double beta in [0, 1) and
/// every t (proofs/theory/arithmetic/DoubleDouble.v). Of the other expressions, and of how a rule
/// puts its own together, it is read from the code. A double is within 1 ulp where it is subnormal
/// or the smallest normal number, up to which a second rounding may have carried it.
///
/// Throws std::invalid_argument "RULE: NAME = VALUE is outside RANGE" outside the domain that the
/// rule's header states, or "RULE: REASON" for choices that make no sense together.
template <class T, class Hyperparameters>
[[gnu::visibility("default")]] CoefficientList<T> coefficient_list(const Hyperparameters& h,
                                                                   std::uint64_t t);

/// The same for a lane that is known at compile time, which must be the one that the
/// hyperparameters ask for: the first of the rule's lanes, which is the seed's, unless given.
template <class T, class Hyperparameters,
          class Lane = std::tuple_element_t<0, typename LanesOfRule<Hyperparameters>::type>>
std::array<T, Lane::coefficients> coefficients(const Hyperparameters& h, std::uint64_t t) {
  const auto list = coefficient_list<T>(h, t);
  if (list.size != Lane::coefficients)
    throw std::invalid_argument("the hyperparameters ask for another lane");
  std::array<T, Lane::coefficients> exactly;
  std::copy_n(list.values.begin(), Lane::coefficients, exactly.begin());
  return exactly;
}

}  // namespace truestep::fast

#pragma GCC visibility pop
