#pragma once

#include "axes.hpp"

namespace truestep::reference {

struct MomentumHyperparameters {
  double alpha;    ///< learning rate, [0, infinity)
  double lambda;   ///< weight of the previous move, [0, 1)
  double tau = 0;  ///< dampening of the gradient, [0, 1]
  LearningRate learning_rate = LearningRate::inside_buffer;
  FirstBuffer first_buffer = FirstBuffer::regular;
  WeightDecay weight_decay = WeightDecay::none;
  double kappa = 0;  ///< amount of weight decay, [0, infinity)
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
/// Weight decay: axes.hpp.
///
/// v and theta have one unit if the learning rate is inside. Real: any Boost.Multiprecision number,
/// cpp_rational included, in which the result is then exact. Throws std::invalid_argument outside
/// the domain.
template <class Real>
class Momentum {
 public:
  struct State {
    Real v = 0;
  };
  struct Step : State {
    Real theta;
  };

  Momentum(const MomentumHyperparameters& h, std::uint64_t t, const char* rule = "momentum")
      : alpha(h.alpha),
        lambda(h.lambda),
        tau(h.tau),
        inside(h.learning_rate == LearningRate::inside_buffer),
        begins(h.first_buffer == FirstBuffer::gradient && t == 1),
        decay(rule, h.weight_decay, h.kappa, h.alpha) {
    require_counted(rule, t);
    require_non_negative(rule, "alpha", h.alpha);
    require_weight(rule, "lambda", h.lambda);
    require(h.tau >= 0 && h.tau <= 1, rule, "tau", h.tau, "[0, 1]");
    require_sense(h.weight_decay != WeightDecay::into_accumulator, rule,
                  "weight decay has no accumulator to go into");
  }

  static State start(const MomentumHyperparameters&) { return {}; }

  /// What a gradient adds to an undamped buffer.
  Real push(const Real& theta, const Real& g) const {
    const Real gradient = decay.gradient(theta, g);
    return inside ? -alpha * gradient : gradient;
  }

  Real buffer(const State& before, const Real& push) const {
    return begins ? push : lambda * before.v + (1 - tau) * push;
  }

  /// theta moved by what a buffer holds, or by something in its unit.
  Real moved(const Real& theta, const Real& v) const {
    return inside ? theta + v : theta - alpha * v;
  }

  /// The theta that a step moves.
  Real decayed(const Real& theta) const { return decay.parameters(theta, alpha); }

  Step step(const Real& theta, const State& before, const Real& g) const {
    const Real v = buffer(before, push(theta, g));
    return {{v}, moved(decayed(theta), v)};
  }

 private:
  Real alpha, lambda, tau;
  bool inside, begins;
  DecayOfWeights<Real> decay;
};

}  // namespace truestep::reference
