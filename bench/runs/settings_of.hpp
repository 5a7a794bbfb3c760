// SPDX-License-Identifier: Apache-2.0
// What given.hpp and typed.hpp declare for each rule. CMakeLists.txt compiles it once for all.

#pragma once

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "aliases.hpp"
#include "class_options.hpp"
#include "names.hpp"
#include "typed.hpp"

namespace truestep::settings {

template <class Rule>
std::invalid_argument has_no(std::string_view name) {
  const auto known = member_names<typename Rule::Hyperparameters>();
  return std::invalid_argument(fmt::format("{}: {} is not one of {{{}}}{}", Rule::name, name,
                                           fmt::join(known, ", "), names::suggestion(name, known)));
}

template <class Rule>
void apply(typename Rule::Hyperparameters& h, const Given& given) {
  using Hyperparameters = typename Rule::Hyperparameters;
  for (const auto& each : given) {
    const auto& name = each.first;  // clang++ 14 captures no structured bindings
    const auto& value = each.second;
    bool found = false;
    for_each_member<Hyperparameters>([&]<class Type>(const Named<Hyperparameters, Type>& named) {
      if (name != named.name) return;
      found = true;
      h.*named.member = std::get<Type>(value);
      if constexpr (is_number<Type>)
        require_in_range<Rule>(name, static_cast<double>(h.*named.member));
    });
    if (!found) throw has_no<Rule>(name);
  }
}

template <class Rule>
typename Rule::Hyperparameters described(const Chosen& chosen, const Given& for_all) {
  auto h = fast::convention<typename Rule::Hyperparameters>(chosen.convention);
  apply<Rule>(h, for_all);
  apply<Rule>(h, chosen.own);
  Rule::template formula<reference::Real>(h, 1);
  return h;
}

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
