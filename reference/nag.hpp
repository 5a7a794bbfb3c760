// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "momentum.hpp"

namespace truestep::reference {

struct NagHyperparameters {
  double learning_rate;  ///< alpha below, [0, infinity)
  double momentum;       ///< lambda, the weight of the previous move, [0, 1)
  double dampening = 0;  ///< tau, of the gradient in the buffer, [0, 1]
  NesterovForm nesterov = NesterovForm::look_ahead;
  LearningRateSite learning_rate_site = LearningRateSite::buffer;
  FirstBuffer first_buffer = FirstBuffer::recurrence;
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< kappa in parameters.hpp, [0, infinity)
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  DecayPoint weight_decay_point = DecayPoint::stored;
  double learning_rate_decay = 0;  ///< delta in parameters.hpp, [0, infinity)
  StepSign step_sign = StepSign::descent;
};

/// Nesterov's accelerated gradient at step t (t = 1 takes theta_0 to theta_1), one coordinate:
///
///     g       = grad L(theta_(t-1) + lambda v_(t-1))
///     v_t     = lambda v_(t-1) - alpha g
///     theta_t = theta_(t-1) + v_t,              v_0 = 0
///
/// As the seed prints it; also Sutskever, Martens, Dahl, Hinton 2013, equations 3 and 4. The
/// gradient belongs to the look-ahead point, which the caller must ask for first. The buffer v is
/// that of momentum.hpp, with its choices. Others take g at the stored theta and move it by
///
///     stored_point       lambda v_t + p                           Lasagne, Keras, PyTorch
///     unrolled           lambda^2 v_(t-1) + (1 + lambda) p        Bengio et al. 2013, equation 7
///     difference         (1 + lambda) v_t - lambda v_(t-1)        Caffe
///     squared_momentum   lambda^2 v_t + (1 + lambda) p            Chainer
///
/// where p is the gradient's undamped share, -alpha g with the learning rate inside the buffer. The
/// first three are one map, and that of look_ahead read at theta + lambda v; Chainer's takes the
/// new v where the unrolled form has the old one.
///
/// Weight decay in the gradient is that of the stored theta, whichever the form; of the point at
/// which the gradient is taken (Lua Torch); or, in the v that is kept, of the theta that the step
/// has moved to (MXNet 1, whose kernel reads the parameter once more after it has written it).
///
/// v and theta have one unit if the learning rate is inside. Real: any Boost.Multiprecision number,
/// cpp_rational included, in which the result is then exact. Throws std::invalid_argument outside
/// the domain.
template <class Real>
class Nag {
 public:
  using Hyperparameters = NagHyperparameters;
  using State = typename Momentum<Real>::State;
  using Step = typename Momentum<Real>::Step;

  static constexpr const char* name = "nag";
  static constexpr auto& quantities = Momentum<Real>::quantities;

  /// @param h  NagHyperparameters, or what has the same members
  template <class Given = Hyperparameters>
  Nag(const Given& h, std::uint64_t t)
      : lambda(h.momentum),
        nesterov(h.nesterov),
        decay_point(h.weight_decay_point),
        momentum(h, t, name) {
    const bool dampened = h.dampening != 0 || h.first_buffer == FirstBuffer::gradient;
    require_sense(
        !dampened || nesterov == NesterovForm::look_ahead || nesterov == NesterovForm::stored_point,
        name, "the unrolled forms assume a buffer without dampening");
  }

  template <class Given = Hyperparameters>
  static State start(const Given&) {
    return {};
  }

  /// theta_(t-1) + lambda v_(t-1), or - alpha lambda v_(t-1) with the learning rate outside.
  Real look_ahead(const Real& theta, const State& before) const {
    return theta - momentum.update(lambda * before.v);
  }

  /// @param g  the gradient at look_ahead(theta, before), or at theta in the other forms
  Step step(const Real& theta, const State& before, const Real& g) const {
    const bool ahead = decay_point == DecayPoint::look_ahead;
    const Real push = momentum.push(ahead ? look_ahead(theta, before) : theta, g);
    const Real v = momentum.buffer(before, push);
    const Real moved = momentum.moved(theta, move(before.v, v, push));
    if (decay_point != DecayPoint::moved) return {{v}, moved};
    return {{momentum.buffer(before, momentum.push(moved, g))}, moved};
  }

 private:
  Real move(const Real& old_v, const Real& v, const Real& push) const {
    switch (nesterov) {
      case NesterovForm::stored_point:
        return lambda * v + push;
      case NesterovForm::unrolled:
        return lambda * lambda * old_v + (1 + lambda) * push;
      case NesterovForm::difference:
        return (1 + lambda) * v - lambda * old_v;
      case NesterovForm::squared_momentum:
        return lambda * lambda * v + (1 + lambda) * push;
      case NesterovForm::look_ahead:
        break;
    }
    return v;
  }

  Real lambda;
  NesterovForm nesterov;
  DecayPoint decay_point;
  Momentum<Real> momentum;
};

}  // namespace truestep::reference
