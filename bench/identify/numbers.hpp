// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/statements.hpp>

#include <stdexcept>
#include <string>
#include <type_traits>

#include "identify.hpp"
#include "text.hpp"

/// The hyperparameters of a rule by their names on the command line.
namespace truestep::identify {

template <class Rule>
using Numbers = typename Rule::Hyperparameters;

/// Those that are no counts.
template <class Rule, class Visit>
void for_each_number(const Visit& visit) {
  fast::for_each_number<typename Rule::Fast>(
      [&]<class Value>(const fast::NamedNumber<Numbers<Rule>, Value>& number) {
        if constexpr (std::is_same_v<Value, double>) visit(number.name, number.member);
      });
}

/// nullptr if the rule has no number of that name.
template <class Rule>
double* number(Numbers<Rule>& h, const std::string& name) {
  double* found = nullptr;
  for_each_number<Rule>([&](const char* its, auto member) {
    if (name == its) found = &(h.*member);
  });
  return found;
}

/// The numbers of the rule, those of the others that are not at their default, and what else is
/// known.
template <class Rule>
std::string shown(const Numbers<Rule>& h, const settings::Given& known) {
  std::string all;
  const auto show = [&](const std::string& name, const std::string& value) {
    all += text(all.empty() ? "" : ", ", name, " = ", value);
  };
  for (const auto& [name, member] : Rule::hyperparameters) show(name, shortest(h.*member));
  for (const auto& [name, member] : Rule::further)
    if (h.*member != Numbers<Rule>{}.*member) show(name, shortest(h.*member));
  for (const auto& [name, value] : known)
    if (!std::holds_alternative<double>(value)) show(name, settings::text_of(value));
  return all;
}

/// The hyperparameters with what was told. While nothing decays, all places of weight decay are
/// one. Throws std::invalid_argument for what the rule does not have, and outside its range.
template <class Rule>
Numbers<Rule> with_known(Numbers<Rule> h, const settings::Given& known) {
  settings::apply<Rule>(h, known);
  return fast::without_idle_choices(h);
}

}  // namespace truestep::identify
