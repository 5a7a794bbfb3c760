// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "quantity.hpp"
#include "parameters.hpp"

namespace truestep::reference {

struct MomentumHyperparameters {
  double learning_rate;  ///< alpha below, [0, infinity)
  double momentum;       ///< lambda, the weight of the previous move, [0, 1)
  double dampening = 0;  ///< tau, of the gradient, [0, 1]
  LearningRateSite learning_rate_site = LearningRateSite::buffer;
  FirstBuffer first_buffer = FirstBuffer::recurrence;
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< kappa in parameters.hpp, [0, infinity)
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  double learning_rate_decay = 0;  ///< delta in parameters.hpp, [0, infinity)
  StepSign step_sign = StepSign::descent;
};

/// Momentum at step t (t = 1 takes theta_0 to theta_1), one coordinate, g = grad L(theta_(t-1)):
///
///     v_t     = lambda v_(t-1) - alpha g
///     theta_t = theta_(t-1) + v_t,              v_0 = 0
///
/// As the seed prints it; also Sutskever, Martens, Dahl, Hinton 2013, equations 1 and 2. With the
/// learning rate outside the buffer,
///
///     v_t     = lambda v_(t-1) + (1 - tau) g
///     theta_t = theta_(t-1) - alpha v_t,
///
/// the same only while alpha is constant. Dampening tau is the buffer's in both; with tau = lambda
/// the buffer is a mean. FirstBuffer::gradient: v_1 = g, undamped (-alpha g inside the buffer).
/// Weight decay, schedule and sign: parameters.hpp.
///
/// v and theta have one unit if the learning rate is inside. Real: any Boost.Multiprecision number,
/// cpp_rational included, in which the result is then exact. Throws std::invalid_argument outside
/// the domain.
template <class Real>
class Momentum {
 public:
  using Hyperparameters = MomentumHyperparameters;
  struct State {
    Real v = 0;
  };
  struct Step : State {
    Real theta;
  };

  /// What a step shows, in the order of computation.
  static constexpr std::array<Quantity<Step, Real>, 2> quantities{
      {{"v", &Step::v, true}, {"theta", &Step::theta}}};

  static constexpr const char* name = "momentum";

  /// @param h  MomentumHyperparameters, or what has the same members
  template <class Given = Hyperparameters>
  Momentum(const Given& h, std::uint64_t t, const char* rule = name)
      : lambda(h.momentum),
        tau(h.dampening),
        inside(h.learning_rate_site == LearningRateSite::buffer),
        begins(h.first_buffer == FirstBuffer::gradient && t == 1),
        parameters(rule, h, t) {
    require_weight(rule, "momentum", h.momentum);
    require(h.dampening >= 0 && h.dampening <= 1, rule, "dampening", h.dampening, "[0, 1]");
    require_sense(h.weight_decay_place != WeightDecay::accumulator, rule,
                  "weight decay has no accumulator to go into");
    require_sense(h.weight_decay_scale != DecayScale::corrected_rate, rule,
                  "weight decay has no corrected rate to be multiplied by");
  }

  template <class Given = Hyperparameters>
  static State start(const Given&) {
    return {};
  }

  /// What a gradient adds to an undamped buffer.
  Real push(const Real& theta, const Real& g) const {
    const Real gradient = parameters.gradient(theta, g);
    return inside ? -parameters.rate * gradient : gradient;
  }

  Real buffer(const State& before, const Real& push) const {
    return begins ? push : lambda * before.v + (1 - tau) * push;
  }

  /// What is taken from theta if the buffer holds v, or something in its unit.
  Real update(const Real& v) const { return inside ? -v : parameters.rate * v; }

  /// theta after the step that the buffer makes, or something in its unit.
  Real moved(const Real& theta, const Real& v) const { return parameters.moved(theta, update(v)); }

  Step step(const Real& theta, const State& before, const Real& g) const {
    const Real v = buffer(before, push(theta, g));
    return {{v}, moved(theta, v)};
  }

 private:
  Real lambda, tau;
  bool inside, begins;
  Parameters<Real> parameters;
};

}  // namespace truestep::reference
