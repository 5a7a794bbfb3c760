// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runs/typed.hpp"

namespace truestep::cli {

/// A member of a rule's hyperparameters at a value that is not a convention's.
struct Field {
  std::string rule, name, convention, value;
  std::string option;  ///< "--name=value"
};

/// A value of a member that is not the convention's, and the first convention that can have it; ""
/// where there is none.
template <class Rule, class Type>
std::pair<std::string, std::string> another_value(
    const rules::Named<typename Rule::Hyperparameters, Type>& named) {
  using Hyperparameters = typename Rule::Hyperparameters;
  std::vector<Type> values;
  if constexpr (std::is_same_v<Type, double>)
    values = {0.5};
  else if constexpr (std::is_same_v<Type, std::uint64_t>)
    values = {0, 1, 2, 3};
  else
    for (std::size_t i = 0; i < settings::words(Type()).values.size(); ++i)
      values.push_back(static_cast<Type>(i));
  for (const auto& convention : fast::conventions_of<Hyperparameters>)
    for (const Type& value : values) {
      if (convention.hyperparameters.*named.member == value) continue;
      try {
        settings::described<Rule>({std::string(convention.name), {{named.name, value}}});
        return {std::string(convention.name), settings::text(value)};
      } catch (const std::invalid_argument&) {
        continue;
      }
    }
  return {};
}

/// Every member of every rule.
inline std::vector<Field> fields() {
  std::vector<Field> all;
  settings::for_each_rule([&]<class Rule>(Rule) {
    using H = typename Rule::Hyperparameters;
    settings::for_each_member<H>([&]<class Type>(const rules::Named<H, Type>& named) {
      const auto [convention, value] = another_value<Rule, Type>(named);
      std::string option = std::string("--") + named.name + "=" + value;
      std::replace(option.begin(), option.begin() + static_cast<long>(option.find('=')), '_', '-');
      all.push_back({Rule::name, named.name, convention, value, option});
    });
  });
  return all;
}

}  // namespace truestep::cli
