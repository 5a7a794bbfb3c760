// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/description.hpp>

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "numbers.hpp"

/// The numbers that a search looks for.
namespace truestep::identify {

/// Values that people use, the likelier first.
inline const std::vector<double>& customary(const std::string& name, fast::Domain domain) {
  static const std::vector<double> weights{0.9, 0.99, 0.999, 0.95, 0, 0.98, 0.5, 0.9999, 0.8};
  static const std::vector<double> epsilons{1e-8, 1e-7,  1e-6,  1e-10, 1e-5, 1e-4, 1e-3,
                                            0,    1e-12, 1e-11, 1e-9,  1e-2, 0.1,  1};
  static const std::vector<double> rates{1e-3, 1e-2, 0.1, 1e-4, 1, 1e-5, 3e-4, 5e-4, 2e-3};
  static const std::vector<double> shares{0, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 5e-4};
  if (name == "learning_rate") return rates;
  if (name.starts_with("epsilon")) return epsilons;
  return domain == fast::Domain::weight ? weights : shares;
}

/// A number of a rule that is looked for.
template <class Rule>
struct Sought {
  std::string name;
  double Numbers<Rule>::*member;
  fast::Domain domain;
};

/// The numbers of these names; the rule's description says where they may lie.
template <class Rule>
std::vector<Sought<Rule>> sought_numbers(const std::vector<std::string>& names) {
  std::vector<Sought<Rule>> all;
  fast::for_each_number<typename Rule::Fast>(
      [&]<class Value>(const fast::NamedNumber<Numbers<Rule>, Value>& number) {
        if constexpr (std::is_same_v<Value, double>)
          if (std::find(names.begin(), names.end(), number.name) != names.end())
            all.push_back({number.name, number.member, number.domain});
      });
  return all;
}

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
