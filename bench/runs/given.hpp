// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "names.hpp"
#include "settings.hpp"
#include "value.hpp"

/// Hyperparameters that are given, of whichever rule, and what they make of a convention: each is
/// held to the rule's range when it is put in its place. typed.hpp reads them.
namespace truestep::settings {

/// A convention, and what is set otherwise in it.
struct Chosen {
  std::string convention;
  Given own = {};
};

/// Calls `call(Rule())` for both statements of each rule.
template <class Call>
void for_each_rule(Call call) {
  fast::for_each_rule<rules::All>([&]<class Rule>() { call(Rule()); });
}

inline std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for_each_rule([&](auto rule) { names.emplace_back(rule.name); });
  return names;
}

template <class Hyperparameters>
std::vector<std::string> member_names() {
  std::vector<std::string> names;
  for_each_member<Hyperparameters>([&](const auto& named) { names.emplace_back(named.name); });
  return names;
}

template <class Hyperparameters>
std::vector<std::string> convention_names() {
  std::vector<std::string> names;
  for (const auto& each : fast::conventions_of<Hyperparameters>) names.emplace_back(each.name);
  return names;
}

/// The classes of the conventions, in their order; "" of the lecture note and the papers.
template <class Hyperparameters>
std::vector<std::string> class_names() {
  std::vector<std::string> names;
  for (const auto& each : fast::conventions_of<Hyperparameters>)
    names.emplace_back(each.class_name);
  return names;
}

std::string text_of(const Value&);
std::string text_of(const Given&);

/// Throws std::invalid_argument where it was there already.
void add(Given&, const std::string& name, const Value&);
void add(Given&, const Given& more);

// The templates below are compiled for each rule in one file, from settings_of.hpp.

/// Throws std::invalid_argument "RULE: NAME = VALUE is outside RANGE", or for a name that the rule
/// does not have.
template <class Rule>
void apply(typename Rule::Hyperparameters&, const Given&);

/// What is chosen in the convention goes before what is given for all conventions, which goes
/// before the convention's own. Throws std::invalid_argument outside the rule's domain too.
template <class Rule>
typename Rule::Hyperparameters described(const Chosen&, const Given& for_all = {});

}  // namespace truestep::settings
