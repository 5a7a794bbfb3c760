// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sstream>
#include <string>
#include <vector>

namespace truestep::identify {

/// The parts one after the other, numbers to three digits.
template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream stream;
  stream.precision(3);
  (stream << ... << parts);
  return stream.str();
}

std::string joined(const std::vector<std::string>& names);

/// A number as a person would write it: the shortest decimal that reads back as it.
std::string shortest(double x);

/// To a number of significant decimal digits.
double rounded(double x, int digits);

/// The shortest decimal in [low, high], 0 <= low <= high.
double shortest_between(double low, double high);

/// The nearest decimal of so many digits on one side of a number.
double rounded_to_side(double x, int digits, double side);

/// An interval in short decimals, none of which lies inside it: "[0.2999, 0.3001]".
std::string enclosing(long double low, long double high);

}  // namespace truestep::identify
