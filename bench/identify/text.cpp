// SPDX-License-Identifier: Apache-2.0
#include "text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace truestep::identify {

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

std::string shortest(double x) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), x);
  return {digits.begin(), end.ptr};
}

double rounded(double x, int digits) {
  std::array<char, 32> decimal{};
  const auto end =
      std::to_chars(decimal.begin(), decimal.end(), x, std::chars_format::scientific, digits - 1);
  std::from_chars(decimal.begin(), end.ptr, x);
  return x;
}

double shortest_between(double low, double high) {
  const double middle = low + (high - low) / 2;
  for (int digits = 1; digits <= 17; ++digits)
    if (const double value = rounded(middle, digits); low <= value && value <= high) return value;
  return middle;
}

double rounded_to_side(double x, int digits, double side) {
  const double nearest = rounded(x, digits);
  if (nearest == x || (nearest > x) == (side > 0)) return nearest;
  const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(x))) + 1 - digits);
  return rounded(nearest + (side > 0 ? unit : -unit), digits);
}

std::string enclosing(long double low, long double high) {
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
