// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "aliases.hpp"
#include "class_options.hpp"
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

/// Whether a member is something that some classes have and others lack, not a place or an order.
template <class Rule>
bool is_feature(std::string_view name) {
  bool feature = false;
  fast::for_each_member<typename Rule::Fast>([&]<class Member>(const Member& member) {
    if (name != member.name) return;
    if constexpr (requires { member.part; })
      feature = member.part == fast::Part::some_versions || member.part == fast::Part::start;
    else
      feature = std::is_same_v<decltype(Member::member), bool Rule::Hyperparameters::*>;
  });
  return feature;
}

/// What is given of which a class has neither a number nor an option; "" if it has all.
template <class Rule>
std::string lacking_option(const fast::Convention<typename Rule::Hyperparameters>& row,
                           const Given& own) {
  const auto* const optimizer = row.optimizer();
  if (optimizer == nullptr) return "";
  using Hyperparameters = typename Rule::Hyperparameters;
  const auto options = class_options(row.options);
  for (const auto& [name, value] : own) {
    const bool decays =
        name == "weight_decay" && row.hyperparameters.weight_decay_place != fast::WeightDecay::none;
    const auto has = [&](std::string_view text, const std::string& part) {
      return text.find(part) != std::string_view::npos;
    };
    if (!is_feature<Rule>(name) || decays ||
        has(" " + std::string(optimizer->numbers), " " + name + "=") || options.reaches(name))
      continue;
    bool changes = false;
    for_each_member<Hyperparameters>([&, &name = name, &value = value](const auto& named) {
      const auto& usual = row.hyperparameters.*named.member;
      if (name == named.name) changes = value != Value(usual);
    });
    if (changes) return name;
  }
  return "";
}

/// Refuses to give a class what it has neither a number nor an option for.
template <class Rule>
void require_options(const fast::Convention<typename Rule::Hyperparameters>& row,
                     const Given& own) {
  const auto lacking = lacking_option<Rule>(row, own);
  if (lacking.empty()) return;
  const auto& optimizer = *row.optimizer();
  throw std::invalid_argument(
      fmt::format("{}: {} has no {}; its numbers are {{{}}}, its options "
                  "{{{}}}",
                  Rule::name, optimizer.name, lacking, optimizer.numbers, optimizer.switches));
}

/// Reads "CONVENTION" or "CONVENTION,NAME=VALUE,...". Throws std::invalid_argument likewise, and
/// for what the optimizer class does not have.
template <class Rule>
Chosen chosen(std::string_view typed) {
  const auto known = convention_names<typename Rule::Hyperparameters>();
  const auto name = typed.substr(0, typed.find(','));
  std::optional<std::size_t> index;
  if (!name.empty())  // as the class of the lecture note and the papers is
    index = names::find(name, class_names<typename Rule::Hyperparameters>());
  if (!index) index = names::index_among(known, "convention", name, aliases::conventions);
  typed.remove_prefix(std::min(name.size() + 1, typed.size()));
  Chosen result{known[*index], read_assignments<Rule>(typed)};
  require_options<Rule>(fast::conventions_of<typename Rule::Hyperparameters>[*index], result.own);
  return result;
}

}  // namespace truestep::settings
