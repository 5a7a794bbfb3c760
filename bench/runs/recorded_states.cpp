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

/// Those of one file, all that it has.
std::vector<std::vector<double>> states_of(const std::string& file,
                                           std::span<const std::string> names) {
  std::vector<std::vector<double>> states;
  const auto arrays = identify::read_arrays(file);
  for (const auto& name : names) {
    const auto found = arrays.find(name);
    if (found == arrays.end()) throw std::runtime_error(fmt::format("{}: lacks {}", file, name));
    auto numbers = numbers_of(found->second);
    const auto at =
        std::find_if(numbers.begin(), numbers.end(), [](double x) { return !std::isfinite(x); });
    if (at != numbers.end())
      throw std::runtime_error(
          fmt::format("{}: {} in column {} of {}", file, *at, at - numbers.begin(), name));
    states.push_back(std::move(numbers));
  }
  return states;
}

}  // namespace

RecordedStates recorded_states(const std::string& file, std::span<const std::string> names,
                               const Record& record) {
  const bool sharded = is_sharded(record.gradients());
  if (sharded != is_sharded(file))
    throw std::invalid_argument(fmt::format("grads = {} and states = {} require {} in both names",
                                            record.gradients(), file, shard_mark));
  RecordedStates states{.of_columns = std::vector<std::vector<double>>(names.size())};
  for (const auto& own : record.own_files_of(file)) {
    const auto some = states_of(own, names);
    for (std::size_t i = 0; i < names.size(); ++i)
      states.of_columns[i].insert(states.of_columns[i].end(), some[i].begin(), some[i].end());
  }
  const std::size_t columns = sharded ? record.start().size() : record.columns();
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto& state = states.of_columns[i];
    if (state.size() != columns)
      throw std::runtime_error(fmt::format("{}: {} has {} numbers where there are {} columns", file,
                                           names[i], state.size(), columns));
    if (sharded) continue;
    states.digest = digest_of(state, states.digest);
    const auto first = state.begin() + static_cast<std::ptrdiff_t>(record.first());
    state = std::vector<double>(first, first + static_cast<std::ptrdiff_t>(record.start().size()));
  }
  return states;
}

}  // namespace truestep::drift
