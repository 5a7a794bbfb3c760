// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "examine.hpp"

namespace truestep::trial {

/// The median of ratios that were measured in turns, and the sixth from either end of 21, which
/// hold it in 97 of 100 measurements.
struct Ratio {
  double low = 0, middle = 0, high = 0;
};

struct Timing {
  std::size_t length = 0;
  double kernel = 0, roof = 0;  ///< ns an element, medians
  std::optional<double> ours = {};
  std::optional<Ratio> to_ours = {};
  Ratio to_roof = {};
};

struct Speed {
  std::vector<Timing> timings = {};
  std::string undetermined = {};  ///< why no length was timed, or no further one; or ""
};

/// How long a step takes, at the map's own numbers, beside our kernel on one thread, if there is
/// one of that map, and beside a loop that only reads and writes the same arrays. All three take
/// turns, in a process of their own.
Speed speed(Kernel&, const Request&);

/// A line for each length.
std::vector<std::string> lines(const Speed&);

}  // namespace truestep::trial
