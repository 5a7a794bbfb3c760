// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "aliases.hpp"
#include "given.hpp"
#include "names.hpp"

/// Hyperparameters as they are typed. Each text is read once, into a value that has its type.
namespace truestep::settings {

/// Throws std::invalid_argument "NAME = TYPED is not a number", or not one of the words.
template <class Type>
Type read(const std::string& name, std::string_view typed) {
  if constexpr (is_number<Type>) {
    return value<Type>(name, typed);
  } else {
    const auto known = words(Type()).values;
    const std::vector<std::string> spelled(known.begin(), known.end());
    return static_cast<Type>(names::index_among(spelled, name, typed));
  }
}

/// The value of the hyperparameter of that name, which has one type in all rules that have it.
inline Value read_value(const std::string& name, std::string_view typed) {
  std::optional<Value> result;
  for_each_rule([&]<class Rule>(Rule) {
    using Hyperparameters = typename Rule::Hyperparameters;
    for_each_member<Hyperparameters>([&]<class Type>(const Named<Hyperparameters, Type>& named) {
      if (!result && name == named.name) result = read<Type>(name, typed);
    });
  });
  return result.value();
}

/// Reads "NAME=VALUE,NAME=VALUE". Throws std::invalid_argument for a name that the rule does not
/// have, a name given twice, and a value that cannot be read.
template <class Rule>
Given read_assignments(std::string_view typed) {
  const auto known = member_names<typename Rule::Hyperparameters>();
  Given given;
  while (!typed.empty()) {
    const auto one = typed.substr(0, typed.find(','));
    typed.remove_prefix(std::min(one.size() + 1, typed.size()));
    const auto name = one.substr(0, one.find('='));
    if (name.size() == one.size())
      throw std::invalid_argument(fmt::format("{} is not of the form NAME=VALUE", one));
    const auto index = names::find(name, known, aliases::hyperparameters);
    if (!index) throw has_no<Rule>(name);
    add(given, known[*index], read_value(known[*index], one.substr(name.size() + 1)));
  }
  return given;
}

/// Reads "CONVENTION" or "CONVENTION,NAME=VALUE,...". Throws std::invalid_argument likewise.
template <class Rule>
Chosen chosen(std::string_view typed) {
  const auto known = convention_names<typename Rule::Hyperparameters>();
  const auto name = typed.substr(0, typed.find(','));
  const auto index = names::index_among(known, "convention", name, aliases::conventions);
  typed.remove_prefix(std::min(name.size() + 1, typed.size()));
  return {known[index], read_assignments<Rule>(typed)};
}

}  // namespace truestep::settings
