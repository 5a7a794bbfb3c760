// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/description.hpp>

#include <string>
#include <vector>

#include "any_rule.hpp"

/// The numbers that a search looks for.
namespace truestep::identify {

/// Values that people use, the likelier first.
const std::vector<double>& customary(const std::string& name, fast::Domain domain);

/// The numbers of these names; the rule's description says where they may lie.
std::vector<NamedNumber> sought_numbers(const Description&, const std::vector<std::string>& names);

/// Whether a step moves theta by its learning rate times what does not depend on that.
template <class Hyperparameters>
bool is_linear_in_rate(const Hyperparameters& h) {
  if constexpr (requires { h.accumulates_scaled; })
    if (h.accumulates_scaled) return false;
  if constexpr (requires { h.weight_decay_post; })
    if (h.weight_decay_post != 0) return false;
  // What decays theta as a step has moved it, or where a step is going, moves it by a rate's
  // square.
  if constexpr (requires { h.weight_decay_time; })
    if (h.weight_decay_time != fast::DecayTime::before_step) return false;
  if constexpr (requires { h.weight_decay_point; })
    if (h.weight_decay_point != fast::DecayPoint::stored) return false;
  return h.weight_decay_place != fast::WeightDecay::decoupled ||
         h.weight_decay_scale != fast::DecayScale::one;
}

}  // namespace truestep::identify
