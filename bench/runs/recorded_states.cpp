// SPDX-License-Identifier: Apache-2.0
#include "recorded_states.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "arrays.hpp"

namespace truestep::drift {
namespace {

std::vector<double> numbers_of(const identify::Array& array) {
  const std::size_t columns = array.columns();
  std::vector<double> all(array.rows() * columns);
  for (std::size_t row = 0; row < array.rows(); ++row)
    array.read(row, 0, columns, all.data() + row * columns);
  return all;
}

}  // namespace

std::vector<std::vector<double>> recorded_states(const std::string& file,
                                                 std::span<const std::string> names,
                                                 std::size_t columns) {
  std::vector<std::vector<double>> states;
  const auto arrays = identify::read_arrays(file);
  for (const auto& name : names) {
    const auto found = arrays.find(name);
    if (found == arrays.end()) throw std::runtime_error(fmt::format("{}: lacks {}", file, name));
    auto numbers = numbers_of(found->second);
    if (numbers.size() != columns)
      throw std::runtime_error(fmt::format("{}: {} has {} numbers where there are {} columns", file,
                                           name, numbers.size(), columns));
    const auto at =
        std::find_if(numbers.begin(), numbers.end(), [](double x) { return !std::isfinite(x); });
    if (at != numbers.end())
      throw std::runtime_error(
          fmt::format("{}: {} in column {} of {}", file, *at, at - numbers.begin(), name));
    states.push_back(std::move(numbers));
  }
  return states;
}

}  // namespace truestep::drift
