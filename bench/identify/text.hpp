// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
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

inline std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

/// A number as a person would write it: the shortest decimal that reads back as it.
inline std::string shortest(double x) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), x);
  return {digits.begin(), end.ptr};
}

/// To a number of significant decimal digits.
inline double rounded(double x, int digits) {
  std::array<char, 32> decimal{};
  const auto end =
      std::to_chars(decimal.begin(), decimal.end(), x, std::chars_format::scientific, digits - 1);
  std::from_chars(decimal.begin(), end.ptr, x);
  return x;
}

/// The shortest decimal in [low, high], 0 <= low <= high.
inline double shortest_between(double low, double high) {
  const double middle = low + (high - low) / 2;
  for (int digits = 1; digits <= 17; ++digits)
    if (const double value = rounded(middle, digits); low <= value && value <= high) return value;
  return middle;
}

/// The nearest decimal of so many digits on one side of a number.
inline double rounded_to_side(double x, int digits, double side) {
  const double nearest = rounded(x, digits);
  if (nearest == x || (nearest > x) == (side > 0)) return nearest;
  const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(x))) + 1 - digits);
  return rounded(nearest + (side > 0 ? unit : -unit), digits);
}

/// An interval in short decimals, none of which lies inside it: "[0.2999, 0.3001]".
inline std::string enclosing(long double low, long double high) {
  constexpr int most = 17;
  const auto share = static_cast<double>((high - low) / std::max(std::fabs(low), std::fabs(high)));
  const int digits =
      share > 0 ? std::clamp(2 - static_cast<int>(std::floor(std::log10(share))), 1, most) : most;
  // Ends are doubles beyond those of the interval first.
  auto below = static_cast<double>(low), above = static_cast<double>(high);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (below > low) below = std::nextafter(below, -infinity);
  if (above < high) above = std::nextafter(above, infinity);
  return text("[", shortest(below == 0 ? 0 : rounded_to_side(below, digits, -1)), ", ",
              shortest(above == 0 ? 0 : rounded_to_side(above, digits, 1)), "]");
}

}  // namespace truestep::identify
