// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// How far apart two descriptions of one rule carry the parameters, beside what rounding does.
namespace truestep::compare {

/// The gradient at each step, one after the other; `parameters` is the point at which the first
/// description, evaluated in float, asks for it. A recorded sequence need not look at it. The span
/// holds until the next call.
using Gradients = std::function<std::span<const float>(std::span<const float> parameters)>;

/// Over the coordinates.
struct Spread {
  double largest, median;
};

/// From the first description's exact value; an ulp is the spacing of floats there. Infinite where
/// one of the two is not a number, 0 where both are not.
struct Distance {
  Spread absolute, relative, ulp;
};

struct Row {
  std::uint64_t step;
  Distance between;   ///< to the second description's exact value
  Distance rounding;  ///< to the first description in float
};

struct Series {
  std::string quantity;
  std::vector<Row> rows;
  /// The first step after which the largest distance between the two exceeds that of rounding.
  std::optional<std::uint64_t> first_beyond_rounding;
};

struct Comparison {
  std::size_t parameters;
  std::vector<Series> series;               ///< of theta, then the states that both have
  std::vector<std::string> not_comparable;  ///< states with the learning rate in one of the two
};

/// Runs both descriptions by the reference over the same gradients (open loop), and the first by
/// the same formula in float (float_formula.hpp), which is not a kernel. Reports after 1, 2, 5, 10,
/// 20, 50, ... steps and after the last.
///
/// Throws std::invalid_argument if a step has another number of gradients than of parameters.
template <class Rule>
Comparison compare(const typename Rule::Hyperparameters& first,
                   const typename Rule::Hyperparameters& second, std::span<const float> initial,
                   const Gradients& gradients, std::uint64_t steps);

}  // namespace truestep::compare
