// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "convention_subject.hpp"

namespace truestep::test {

/// What is known of a rule apart from both statements: units, the coefficients' exact expressions,
/// and descriptions that no system ships. Each rule states its own in facts/RULE.hpp.
template <class R>
struct Facts;

/// Gradient and theta have the units {0, 1} and {1, 0}.
template <class H>
Unit unit_of_weight_decay(const H& h, Unit learning_rate, Unit theta) {
  if (h.weight_decay_place == fast::WeightDecay::decoupled) {
    if (h.weight_decay_scale == fast::DecayScale::one) return {};
    return {-learning_rate.a, -learning_rate.b};
  }
  return {-theta.a, 1 - theta.b};
}

template <class H>
void add_weight_decay(std::vector<Real>& exact, const H& h) {
  if (h.weight_decay == 0) return;
  if (h.weight_decay_place == fast::WeightDecay::gradient) exact.push_back(Real(h.weight_decay));
  if (h.weight_decay_place == fast::WeightDecay::decoupled)
    exact.push_back(h.weight_decay_scale == fast::DecayScale::one
                        ? Real(h.weight_decay)
                        : Real(h.learning_rate) * Real(h.weight_decay));
}

}  // namespace truestep::test
