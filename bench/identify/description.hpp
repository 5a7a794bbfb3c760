// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runs/value.hpp"

namespace truestep::identify {

class AnyRule;

/// Hyperparameters of whichever rule: the values of its members, in the order of its description.
class Description {
 public:
  Description() = default;  ///< of no rule
  Description(const AnyRule& rule, std::vector<settings::Value> values)
      : rule_(&rule), values_(std::move(values)) {}

  const AnyRule& rule() const { return *rule_; }
  const std::vector<settings::Value>& values() const { return values_; }

  settings::Value& operator[](std::size_t member) { return values_[member]; }
  const settings::Value& operator[](std::size_t member) const { return values_[member]; }

  /// A member that is a number, by its place.
  double& number(std::size_t member) { return std::get<double>(values_[member]); }
  double number(std::size_t member) const { return std::get<double>(values_[member]); }

  /// nullptr if the rule has no member of that name.
  settings::Value* find(const std::string& name);
  const settings::Value* find(const std::string& name) const;

  /// A number that the rule has, by its name.
  double& number(const std::string& name) { return std::get<double>(*find(name)); }
  double number(const std::string& name) const { return std::get<double>(*find(name)); }

  friend bool operator==(const Description&, const Description&) = default;

 private:
  const AnyRule* rule_ = nullptr;
  std::vector<settings::Value> values_ = {};
};

}  // namespace truestep::identify
