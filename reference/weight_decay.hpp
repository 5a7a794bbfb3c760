// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "axes.hpp"
#include "domain.hpp"

namespace truestep::reference {

/// Weight decay by an amount kappa: the gradient g + kappa theta, or the parameters
/// (1 - alpha kappa) theta.
template <class Real>
class DecayOfWeights {
 public:
  /// @param h  a rule's hyperparameters: learning_rate, weight_decay, weight_decay_place
  template <class Hyperparameters>
  DecayOfWeights(const char* rule, const Hyperparameters& h)
      : place_(h.weight_decay_place), kappa_(h.weight_decay) {
    require_non_negative(rule, "weight_decay", h.weight_decay);
    const double share = h.learning_rate * h.weight_decay;
    require(place_ != WeightDecay::decoupled || share <= 1, rule, "learning_rate weight_decay",
            share, "[0, 1]");
    require_sense(place_ != WeightDecay::none || h.weight_decay == 0, rule,
                  "weight_decay is given, but this convention has none");
  }

  bool is(WeightDecay place) const { return place_ == place && kappa_ != 0; }

  /// The gradient that moves theta.
  Real gradient(const Real& theta, const Real& g) const {
    return is(WeightDecay::gradient) ? g + kappa_ * theta : g;
  }
  /// The gradient that the accumulator sees.
  Real accumulated(const Real& theta, const Real& g) const {
    return is(WeightDecay::accumulator) ? g + kappa_ * theta : gradient(theta, g);
  }
  /// The parameters that the step is taken from.
  Real parameters(const Real& theta, const Real& alpha) const {
    return is(WeightDecay::decoupled) ? (1 - alpha * kappa_) * theta : theta;
  }

 private:
  WeightDecay place_;
  Real kappa_;
};

}  // namespace truestep::reference
