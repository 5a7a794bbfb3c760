// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <truestep/fast/description.hpp>
#include <truestep/proofs/numbers/expression.hpp>

namespace truestep::proofs {

/// What a lane takes, by the names that it gives it.
struct Inputs {
  std::string lane;
  std::string kinds;  ///< the name of what is known of them, in theory/; a rule's lanes share it
  std::vector<Expression> coefficients, states;
  Expression gradient = Expression::variable("gradient");
  Expression theta = Expression::variable("theta");
};

inline Expression any(const char* name) { return Expression::variable(name); }
inline Expression non_negative(const char* name) {
  return Expression::variable(name, Range::non_negative);
}
inline Expression weight(const char* name) {
  return Expression::variable(name, Range::unit_interval);
}

/// Appends what weight decay around a lane takes, before it is rounded.
/// @param rate  the step's learning rate
template <class Number, class Hyperparameters>
void add_weight_decay(std::vector<Number>& exact, const Hyperparameters& h, const Number& rate) {
  if (h.weight_decay == 0) return;
  if (h.weight_decay_place == fast::WeightDecay::gradient) exact.push_back(Number(h.weight_decay));
  if (h.weight_decay_place == fast::WeightDecay::decoupled)
    exact.push_back(h.weight_decay_scale == fast::DecayScale::one ? Number(h.weight_decay)
                                                                  : rate * Number(h.weight_decay));
}
/// The same where every step has one learning rate.
template <class Number, class Hyperparameters>
void add_weight_decay(std::vector<Number>& exact, const Hyperparameters& h) {
  add_weight_decay(exact, h, Number(h.learning_rate));
}

/// A rule's name and what a form has that the rule's first form lacks.
inline std::string lane_name(std::string rule,
                             std::initializer_list<std::pair<bool, const char*>> features) {
  for (const auto& [present, feature] : features)
    if (present) rule += std::string("_") + feature;
  return rule;
}

}  // namespace truestep::proofs
