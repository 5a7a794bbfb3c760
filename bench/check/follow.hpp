// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include <truestep/proofs/numbers/any_order.hpp>

#include "reference.hpp"
#include "runs/given.hpp"

namespace truestep::trial {

using proofs::AnyOrder;

template <class Rule>
using HyperparametersOf = typename Rule::Hyperparameters;

/// Throws std::invalid_argument outside the rule's domain.
template <class Rule>
HyperparametersOf<Rule> described(const Map& map) {
  auto h = fast::convention<HyperparametersOf<Rule>>(map.convention);
  settings::apply<Rule>(h, map.set);
  Rule::template formula<AnyOrder<double>>(h, 1);
  return h;
}

/// `follow` of a map of the rule, which follow_of.hpp defines.
template <class Rule>
void follow_of(const Map& map, Habit habit, const Job& job, const Run& run,
               const std::function<bool(const Expected&)>& visit);

}  // namespace truestep::trial
