// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "axes.hpp"
#include "domain.hpp"

namespace truestep::reference {

/// How the parameters take a step, whatever the rule that found it. With kappa for weight_decay and
/// delta for learning_rate_decay, step t has the learning rate
///
///     alpha_t = alpha / (1 + (n + t - 1) delta)
///
/// (Keras up to 2.10, Lua Torch), n = 0 unless a rule has another first count.
/// WeightDecay::gradient adds kappa theta to the gradient. WeightDecay::decoupled multiplies theta
/// by 1 - s kappa, before the step is taken or after it:
///
///     theta_t = (1 - s kappa) theta_(t-1) - update,      DecayTime::before_step
///     theta_t = (1 - s kappa) (theta_(t-1) - update),    DecayTime::after_step
///
/// where s is alpha_t, or 1, or the rate that a rule with bias correction takes for alpha_t.
/// StepSign::gradient_negated takes -g for the gradient before all else, as PyTorch's `maximize`
/// does; StepSign::step_negated adds the update.
template <class Real>
class Parameters {
 public:
  /// @param h            a rule's hyperparameters
  /// @param first_count  n
  template <class Hyperparameters>
  Parameters(const char* rule, const Hyperparameters& h, std::uint64_t t,
             std::uint64_t first_count = 0)
      : rate(Real(h.learning_rate) /
             (1 + Real(first_count + (t - 1)) * Real(h.learning_rate_decay))),
        kappa(h.weight_decay),
        place_(h.weight_decay_place),
        time_(h.weight_decay_time),
        scale_(h.weight_decay_scale),
        sign_(h.step_sign) {
    require_subnormal_numbers(rule);
    require_counted(rule, t);
    require_non_negative(rule, "learning_rate", h.learning_rate);
    require_non_negative(rule, "learning_rate_decay", h.learning_rate_decay);
    require_non_negative(rule, "weight_decay", h.weight_decay);
    require_sense(place_ != WeightDecay::none || h.weight_decay == 0, rule,
                  "weight_decay is given, but this convention has none");
    if (place_ != WeightDecay::decoupled) return;
    const bool alone = scale_ == DecayScale::one;
    const double share = alone ? h.weight_decay : h.learning_rate * h.weight_decay;
    require(share <= 1, rule, alone ? "weight_decay" : "learning_rate weight_decay", share,
            "[0, 1]");
  }

  /// The gradient that moves theta.
  Real gradient(const Real& theta, const Real& g) const {
    return is(WeightDecay::gradient) ? upward(g) + kappa * theta : upward(g);
  }
  /// The gradient that the accumulator sees.
  Real accumulated(const Real& theta, const Real& g) const {
    return is(WeightDecay::accumulator) ? upward(g) + kappa * theta : gradient(theta, g);
  }

  /// theta after the step that takes this update from it.
  Real moved(const Real& theta, const Real& update) const { return moved(theta, update, rate); }
  /// @param corrected  the rate of DecayScale::corrected_rate
  Real moved(const Real& theta, const Real& update, const Real& corrected) const {
    return moved(theta, update, corrected, kappa);
  }
  /// @param decay  stands for kappa where weights decay beside the step
  Real moved(const Real& theta, const Real& update, const Real& corrected,
             const Real& decay) const {
    const bool before = time_ == DecayTime::before_step;
    const Real from = before ? decayed(theta, corrected, decay) : theta;
    const Real to = sign_ == StepSign::step_negated ? from + update : from - update;
    return before ? to : decayed(to, corrected, decay);
  }

 private:
  bool is(WeightDecay place) const { return place_ == place && kappa != 0; }

  Real upward(const Real& g) const { return sign_ == StepSign::gradient_negated ? -g : g; }

  Real decayed(const Real& theta, const Real& corrected, const Real& decay) const {
    if (!is(WeightDecay::decoupled)) return theta;
    switch (scale_) {
      case DecayScale::learning_rate:
        return (1 - rate * decay) * theta;
      case DecayScale::one:
        return (1 - decay) * theta;
      case DecayScale::corrected_rate:
        break;
    }
    return (1 - corrected * decay) * theta;
  }

 public:
  Real rate;  ///< alpha_t
  Real kappa;

 private:
  WeightDecay place_;
  DecayTime time_;
  DecayScale scale_;
  StepSign sign_;
};

}  // namespace truestep::reference
