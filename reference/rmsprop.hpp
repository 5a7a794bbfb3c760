// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "quantity.hpp"
#include "real.hpp"
#include "parameters.hpp"

namespace truestep::reference {

struct RmspropHyperparameters {
  double learning_rate;  ///< alpha below, [0, infinity)
  double rho;            ///< beta, the weight of the past, [0, 1)
  double epsilon;  ///< unit of g^2 in the state and inside the root, of g outside, [0, infinity)
  EpsilonPlace epsilon_place = EpsilonPlace::in_state;
  EpsilonSign epsilon_sign = EpsilonSign::added;
  Start start = Start::first_square;
  double initial_accumulator = 0;  ///< sigma^2_0 if start is constant, [0, infinity)
  bool corrected = false;          ///< divide the means by 1 - beta^t
  bool centered = false;           ///< take the square of the mean from the mean of the squares
  NegativeVariance negative_variance = NegativeVariance::clamped;
  double momentum = 0;          ///< lambda, of the directions, [0, 1)
  bool nesterov_trace = false;  ///< theta moves by lambda v_t and the direction once more
  LearningRateSite learning_rate_site = LearningRateSite::step;
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< kappa in parameters.hpp, [0, infinity)
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  double learning_rate_decay = 0;  ///< delta in parameters.hpp, [0, infinity)
  StepSign step_sign = StepSign::descent;
};

/// RMSprop at step t (t = 1 takes theta_0 to theta_1), one coordinate, g = grad L(theta_(t-1)):
///
///     sigma^2_1 = g^2 + epsilon
///     sigma^2_t = beta sigma^2_(t-1) + (1 - beta) g^2 + epsilon
///     theta_t   = theta_(t-1) - alpha / sigma_t g
///
/// The seed's rule with its first step made like the others (see RmspropAsPrinted). Epsilon lives
/// in the state and accumulates to epsilon / (1 - beta). With Start::first_square the state before
/// step 1 is not looked at.
///
/// Nobody else does this. Hinton's slide has sigma^2_0 = 0 and no epsilon; the systems divide by
/// sqrt(sigma^2_t) + epsilon or by sqrt(sigma^2_t + epsilon). Centered (Graves 2013, equations 38
/// to 40), sigma^2_t - mean_t^2 stands for sigma^2_t, mean_t = beta mean_(t-1) + (1 - beta) g.
/// States that were rounded may make it negative: 0 then, or NaN for its root
/// (NegativeVariance::kept, which is what systems do). TensorFlow.js subtracts epsilon there. With
/// lambda > 0 the quotient enters a buffer,
///
///     v_t = lambda v_(t-1) + g / sigma_t,       theta_t = theta_(t-1) - alpha v_t,
///
/// or alpha times the quotient, and theta_t = theta_(t-1) - v_t. With nesterov_trace theta moves by
/// lambda v_t and what entered the buffer once more (Optax). Weight decay, schedule and sign:
/// parameters.hpp.
///
/// Real: a Boost.Multiprecision number; `accumulate` takes cpp_rational too, and is then exact.
/// Where the denominator is 0, what the number type makes of 0 / 0. Throws std::invalid_argument
/// outside the domain.
template <class Real>
class Rmsprop {
 public:
  using Hyperparameters = RmspropHyperparameters;
  struct State {
    Real s = 0, mean = 0, v = 0;  ///< s is sigma^2
  };
  struct Step : State {
    Real sigma, update, theta;
  };

  /// What a step shows, in the order of computation.
  static constexpr std::array<Quantity<Step, Real>, 6> quantities{{{"s", &Step::s, true},
                                                                   {"mean", &Step::mean, true},
                                                                   {"sigma", &Step::sigma},
                                                                   {"v", &Step::v, true},
                                                                   {"update", &Step::update},
                                                                   {"theta", &Step::theta}}};

  static constexpr const char* name = "rmsprop";

  /// @param h  RmspropHyperparameters, or what has the same members
  template <class Given = Hyperparameters>
  Rmsprop(const Given& h, std::uint64_t t)
      : beta(h.rho),
        epsilon(h.epsilon),
        lambda(h.momentum),
        correction(1 - power(beta, t)),
        place(place_of(h)),
        begins(h.start == Start::first_square && t == 1),
        corrected(h.corrected),
        centered(h.centered),
        inside_buffer(h.learning_rate_site == LearningRateSite::buffer),
        buffered(h.momentum != 0),
        nesterov(h.nesterov_trace),
        subtracts_epsilon(h.epsilon_sign == EpsilonSign::subtracted),
        clamps(h.negative_variance == NegativeVariance::clamped),
        parameters(name, h, t) {
    require_weight(name, "rho", h.rho);
    require_non_negative(name, "epsilon", h.epsilon);
    require_non_negative(name, "initial_accumulator", h.initial_accumulator);
    require_weight(name, "momentum", h.momentum);
    require_sense(place != EpsilonPlace::in_state || !centered, name,
                  "a centered mean square has no room for epsilon in the state");
    require_sense(place != EpsilonPlace::in_state || !h.corrected, name,
                  "the correction would magnify an epsilon in the state");
    require_sense(h.start != Start::first_square || !h.corrected, name,
                  "a mean that starts at the first square has no bias to correct");
    require_sense(h.weight_decay_place != WeightDecay::accumulator, name,
                  "weight decay into the accumulator alone needs a sum of squares");
    require_sense(h.weight_decay_scale != DecayScale::corrected_rate, name,
                  "weight decay has no corrected rate to be multiplied by");
    require_sense(place == EpsilonPlace::inside || !subtracts_epsilon, name,
                  "epsilon is subtracted inside the root alone");
  }

  template <class Given = Hyperparameters>
  static State start(const Given& h) {
    return {Real(h.start == Start::epsilon ? h.epsilon : h.initial_accumulator), 0, 0};
  }

  Real accumulate(const Real& before, const Real& g) const {
    const Real mean_square = begins ? g * g : beta * before + (1 - beta) * (g * g);
    return place == EpsilonPlace::in_state ? mean_square + epsilon : mean_square;
  }

  Step step(const Real& theta, const State& before, const Real& g) const {
    const Real gradient = parameters.gradient(theta, g);
    const Real s = accumulate(before.s, gradient);
    const Real mean = centered ? beta * before.mean + (1 - beta) * gradient : before.mean;
    const Real sigma = denominator(s, mean);
    const Real direction = gradient / sigma;
    const Real pushed = inside_buffer ? parameters.rate * direction : direction;
    const Real v = buffered ? lambda * before.v + pushed : before.v;
    const Real moved = !buffered ? pushed : nesterov ? lambda * v + pushed : v;
    const Real update = inside_buffer ? moved : parameters.rate * moved;
    return {{s, mean, v}, sigma, update, parameters.moved(theta, update)};
  }

 private:
  /// Inside, outside or in the state, by what else the rule has.
  template <class Given>
  static EpsilonPlace place_of(const Given& h) {
    const auto inside_if = [](bool inside) {
      return inside ? EpsilonPlace::inside : EpsilonPlace::outside;
    };
    if (h.epsilon_place == EpsilonPlace::inside_with_momentum) return inside_if(h.momentum > 0);
    if (h.epsilon_place == EpsilonPlace::inside_when_centered) return inside_if(h.centered);
    return h.epsilon_place;
  }

  Real centered_variance(const Real& square, const Real& mean) const {
    const Real difference = square - mean * mean;
    return clamps ? maximum(difference, Real(0)) : difference;
  }

  Real denominator(const Real& s, const Real& mean) const {
    const Real mean_hat = corrected ? mean / correction : mean;
    const Real square_hat = corrected ? s / correction : s;
    const Real variance = centered ? centered_variance(square_hat, mean_hat) : square_hat;
    switch (place) {
      case EpsilonPlace::inside:
        return sqrt(Real(subtracts_epsilon ? variance - epsilon : variance + epsilon));
      case EpsilonPlace::outside:
        return sqrt(variance) + epsilon;
      case EpsilonPlace::in_state:
      case EpsilonPlace::inside_with_momentum:  // place_of has made either of these two the
      case EpsilonPlace::inside_when_centered:  // inside or the outside
        break;
    }
    return sqrt(variance);
  }

  Real beta, epsilon, lambda, correction;
  EpsilonPlace place;
  bool begins, corrected, centered, inside_buffer, buffered, nesterov, subtracts_epsilon, clamps;
  Parameters<Real> parameters;
};

/// RMSprop as the seed prints it.
///
/// What is wrong with it: sigma_0 = grad L(theta_0) keeps its sign and has no epsilon, so that the
/// first move is -alpha whatever the gradient: uphill for g < 0, 0 / 0 for g = 0. The second row
/// divides by sigma_2 where it means sigma_1, which is read here.
template <class Real>
class RmspropAsPrinted {
 public:
  using State = typename Rmsprop<Real>::State;
  struct Step : State {
    Real theta;
  };

  RmspropAsPrinted(const RmspropHyperparameters& h, std::uint64_t t)
      : repaired(h, t), alpha(h.learning_rate), first(t == 1) {}

  Step step(const Real& theta, const State& before, const Real& g) const {
    if (first) return {{g * g}, theta - alpha / g * g};
    const auto now = repaired.step(theta, before, g);
    return {now, now.theta};
  }

 private:
  Rmsprop<Real> repaired;
  Real alpha;
  bool first;
};

}  // namespace truestep::reference
