// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/conventions.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "exact_run.hpp"

namespace truestep::drift {

/// Conventions that are one description once the numbers are the same.
template <class Rule>
struct OtherConvention {
  std::vector<std::string> names;
  typename Rule::Hyperparameters h;
};

/// With the numbers of `h` that every convention of the rule has, and its weight decay, if this
/// convention has any.
template <class Rule>
typename Rule::Hyperparameters with_numbers_of(const typename Rule::Hyperparameters& h,
                                               typename Rule::Hyperparameters convention) {
  for (const auto& [name, member] : Rule::hyperparameters) convention.*member = h.*member;
  const bool decays = convention.weight_decay_place != fast::WeightDecay::none;
  convention.weight_decay = decays ? h.weight_decay : 0;
  return fast::without_idle_choices(convention);
}

/// The conventions of the rule that are not `h` but for its numbers.
template <class Rule>
std::vector<OtherConvention<Rule>> other_conventions(const typename Rule::Hyperparameters& h) {
  const auto own = with_numbers_of<Rule>(h, h);
  std::vector<OtherConvention<Rule>> others;
  for (const auto& convention : fast::conventions_of<typename Rule::Hyperparameters>) {
    const auto other = with_numbers_of<Rule>(h, convention.hyperparameters);
    if (other == own) continue;
    auto at = std::find_if(others.begin(), others.end(),
                           [&](const auto& known) { return known.h == other; });
    if (at == others.end()) at = others.insert(at, {{}, other});
    at->names.emplace_back(convention.name);
  }
  return others;
}

}  // namespace truestep::drift
