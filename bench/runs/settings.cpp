// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <stdexcept>
#include <variant>
#include <vector>

#include "names.hpp"
#include "typed.hpp"

namespace truestep::settings {
namespace {

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

}  // namespace

Value read_value(const std::string& name, std::string_view typed) {
  std::optional<Value> result;
  for_each_rule([&]<class Rule>(Rule) {
    using Hyperparameters = typename Rule::Hyperparameters;
    for_each_member<Hyperparameters>([&]<class Type>(const Named<Hyperparameters, Type>& named) {
      if (!result && name == named.name) result = read<Type>(name, typed);
    });
  });
  return result.value();
}

std::string text_of(const Value& value) {
  return std::visit([](const auto& held) { return text(held); }, value);
}

std::string text_of(const Given& given) {
  std::string all;
  for (const auto& [name, value] : given)
    all += fmt::format("{}{} = {}", all.empty() ? "" : ", ", name, text_of(value));
  return all;
}

void add(Given& given, const std::string& name, const Value& value) {
  const auto [place, is_new] = given.emplace(name, value);
  if (!is_new)
    throw std::invalid_argument(fmt::format("{} is given twice: {}, then {}", name,
                                            text_of(place->second), text_of(value)));
}

void add(Given& given, const Given& more) {
  for (const auto& [name, value] : more) add(given, name, value);
}

}  // namespace truestep::settings
