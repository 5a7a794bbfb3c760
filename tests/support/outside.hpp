// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/description.hpp>

#include <string>

namespace truestep::test {

/// A number that a domain does not have.
constexpr int outside(fast::Domain domain) {
  switch (domain) {
    case fast::Domain::scale:
      return -1;
    case fast::Domain::weight:
      return 1;
    case fast::Domain::fraction:
      return 2;
    case fast::Domain::count:
      return 65537;
  }
  return 0;
}

/// Calls action(faulty, message) for each number of a rule: h with that number outside its domain,
/// and what has to refuse it.
template <class Rule, class Action>
void for_each_number_outside(const typename Rule::Hyperparameters& h, Action action) {
  fast::for_each_number<Rule>(
      [&]<class Value>(const fast::NamedNumber<typename Rule::Hyperparameters, Value>& number) {
        const int value = outside(number.domain);
        auto faulty = h;
        faulty.*number.member = static_cast<Value>(value);
        action(faulty, std::string(number.name) + " = " + std::to_string(value) + " is outside " +
                           text(number.domain));
      });
}

}  // namespace truestep::test
