// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>

// A rule's lane brings the rule.
#include "lanes/adadelta.lane.hpp"
#include "lanes/adagrad.lane.hpp"
#include "lanes/adam.lane.hpp"
#include "lanes/momentum.lane.hpp"
#include "lanes/nag.lane.hpp"
#include "lanes/rmsprop.lane.hpp"

namespace truestep::fast {

/// The rules, in their order everywhere. Whatever ranges over rules ranges over this list.
using Rules = std::tuple<Momentum, Nag, Adagrad, Adadelta, Rmsprop, Adam>;

/// Calls action.template operator()<Rule>() for each rule of a list.
template <class List = Rules, class Action>
void for_each_rule(Action action) {
  [&]<class... Rule>(std::type_identity<std::tuple<Rule...>>) {
    (action.template operator()<Rule>(), ...);
  }(std::type_identity<List>());
}

/// Calls action.template operator()<Rule>() for the rule of this name. Throws std::invalid_argument
/// "rule = NAME is not one of {...}" if the list has none.
template <class List = Rules, class Action>
void with_rule(std::string_view name, Action action) {
  bool found = false;
  std::string known;
  for_each_rule<List>([&]<class Rule>() {
    known += (known.empty() ? "" : ", ") + std::string(Rule::name);
    if (name != Rule::name) return;
    found = true;
    action.template operator()<Rule>();
  });
  if (!found)
    throw std::invalid_argument("rule = " + std::string(name) + " is not one of {" + known + "}");
}

}  // namespace truestep::fast
