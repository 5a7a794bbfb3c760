// SPDX-License-Identifier: Apache-2.0
#include "description.hpp"

#include <algorithm>

#include "any_rule.hpp"

namespace truestep::identify {
namespace {

/// The place of a member; one beyond the last if the rule has none of that name.
std::size_t place_of(const std::string& name, const AnyRule& rule) {
  const auto found = std::find(rule.members.begin(), rule.members.end(), name);
  return static_cast<std::size_t>(found - rule.members.begin());
}

}  // namespace

settings::Value* Description::find(const std::string& name) {
  const auto place = place_of(name, *rule_);
  return place < values_.size() ? &values_[place] : nullptr;
}

const settings::Value* Description::find(const std::string& name) const {
  const auto place = place_of(name, *rule_);
  return place < values_.size() ? &values_[place] : nullptr;
}

}  // namespace truestep::identify
