// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

/// Counts in the JSON of files that anybody may have written.
namespace truestep {

/// A whole number from 0 to 2^64 - 1. JSON's own conversion takes fractions and what is negative,
/// and is undefined where a number is too large.
///
/// Throws std::runtime_error for anything else, with what stands there.
template <class Json>
std::uint64_t count_in(const Json& number) {
  if (!number.is_number_unsigned())
    throw std::runtime_error(
        "has " + std::string(number.is_number() ? number.dump() : number.type_name()) +
        " where a whole number from 0 to 2^64 - 1 belongs");
  return number.template get<std::uint64_t>();
}

/// A list of such numbers.
template <class Json>
std::vector<std::uint64_t> counts_in(const Json& list) {
  if (!list.is_array())
    throw std::runtime_error("has " + std::string(list.type_name()) + " where a list belongs");
  std::vector<std::uint64_t> counts;
  for (const auto& number : list) counts.push_back(count_in(number));
  return counts;
}

}  // namespace truestep
