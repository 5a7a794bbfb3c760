// SPDX-License-Identifier: Apache-2.0
#include "any_rule.hpp"

#include <algorithm>

namespace truestep::identify {

const Convention& AnyRule::convention(std::string_view typed) const {
  const auto by_name = std::find_if(conventions.begin(), conventions.end(),
                                    [&](const auto& row) { return row.name == typed; });
  if (by_name != conventions.end()) return *by_name;
  return *std::find_if(conventions.begin(), conventions.end(),
                       [&](const auto& row) { return row.class_name == typed; });
}

}  // namespace truestep::identify
