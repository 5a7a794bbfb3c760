// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
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

}  // namespace truestep::identify
