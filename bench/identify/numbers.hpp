// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/statements.hpp>

#include <string>
#include <type_traits>

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

}  // namespace truestep::identify
