#pragma once

#include "axes.hpp"
#include "real.hpp"

namespace truestep::reference {

struct RmspropHyperparameters {
  double alpha;    ///< learning rate, [0, infinity)
  double beta;     ///< weight of the past, [0, 1)
  double epsilon;  ///< unit of g^2 in the state and inside the root, of g outside, [0, infinity)
  Epsilon place = Epsilon::in_state;
  Start start = Start::first_square;
  double initial_square = 0;  ///< sigma^2_0 if start is constant, [0, infinity)
  bool corrected = false;     ///< divide the means by 1 - beta^t
  bool centered = false;      ///< take the square of the mean from the mean of the squares
  double lambda = 0;          ///< momentum of the directions, [0, 1)
  LearningRate learning_rate = LearningRate::outside_buffer;
  WeightDecay weight_decay = WeightDecay::none;
  double kappa = 0;  ///< amount of weight decay, [0, infinity)
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
/// to 40), sigma^2_t - mean_t^2 stands for sigma^2_t, mean_t = beta mean_(t-1) + (1 - beta) g, or 0
/// where states that were rounded make it negative. With
/// lambda > 0 the quotient enters a buffer,
///
///     v_t = lambda v_(t-1) + g / sigma_t,       theta_t = theta_(t-1) - alpha v_t,
///
/// or alpha times the quotient, and theta_t = theta_(t-1) - v_t. Weight decay: axes.hpp.
///
/// Real: a Boost.Multiprecision number; `accumulate` takes cpp_rational too, and is then exact.
/// Where the denominator is 0, what the number type makes of 0 / 0. Throws std::invalid_argument
/// outside the domain.
template <class Real>
class Rmsprop {
 public:
  struct State {
    Real sigma2 = 0, mean = 0, v = 0;
  };
  struct Step : State {
    Real sigma, update, theta;
  };

  Rmsprop(const RmspropHyperparameters& h, std::uint64_t t)
      : alpha(h.alpha),
        beta(h.beta),
        epsilon(h.epsilon),
        lambda(h.lambda),
        correction(1 - power(beta, t)),
        place(place_of(h)),
        begins(h.start == Start::first_square && t == 1),
        corrected(h.corrected),
        centered(h.centered),
        inside_buffer(h.learning_rate == LearningRate::inside_buffer),
        buffered(h.lambda != 0),
        decay("rmsprop", h.weight_decay, h.kappa, h.alpha) {
    require_counted("rmsprop", t);
    require_non_negative("rmsprop", "alpha", h.alpha);
    require_weight("rmsprop", "beta", h.beta);
    require_non_negative("rmsprop", "epsilon", h.epsilon);
    require_non_negative("rmsprop", "initial_square", h.initial_square);
    require_weight("rmsprop", "lambda", h.lambda);
    require_sense(place != Epsilon::in_state || !centered, "rmsprop",
                  "a centered mean square has no room for epsilon in the state");
    require_sense(place != Epsilon::in_state || !h.corrected, "rmsprop",
                  "the correction would magnify an epsilon in the state");
    require_sense(h.start != Start::first_square || !h.corrected, "rmsprop",
                  "a mean that starts at the first square has no bias to correct");
    require_sense(h.weight_decay != WeightDecay::into_accumulator, "rmsprop",
                  "weight decay into the accumulator alone is Adagrad's");
  }

  static State start(const RmspropHyperparameters& h) {
    return {Real(h.start == Start::epsilon ? h.epsilon : h.initial_square), 0, 0};
  }

  Real accumulate(const Real& before, const Real& g) const {
    const Real mean_square = begins ? g * g : beta * before + (1 - beta) * (g * g);
    return place == Epsilon::in_state ? mean_square + epsilon : mean_square;
  }

  Step step(const Real& theta, const State& before, const Real& g) const {
    const Real gradient = decay.gradient(theta, g);
    const Real sigma2 = accumulate(before.sigma2, gradient);
    const Real mean = centered ? beta * before.mean + (1 - beta) * gradient : before.mean;
    const Real sigma = denominator(sigma2, mean);
    const Real direction = gradient / sigma;
    const Real pushed = inside_buffer ? alpha * direction : direction;
    const Real v = buffered ? lambda * before.v + pushed : before.v;
    const Real moved = buffered ? v : pushed;
    const Real update = inside_buffer ? moved : alpha * moved;
    return {{sigma2, mean, v}, sigma, update, decay.parameters(theta, alpha) - update};
  }

 private:
  static Epsilon place_of(const RmspropHyperparameters& h) {
    const auto inside_if = [](bool inside) {
      return inside ? Epsilon::inside_root : Epsilon::outside_root;
    };
    if (h.place == Epsilon::inside_root_with_momentum) return inside_if(h.lambda > 0);
    if (h.place == Epsilon::inside_root_when_centered) return inside_if(h.centered);
    return h.place;
  }

  Real denominator(const Real& sigma2, const Real& mean) const {
    const Real mean_hat = corrected ? mean / correction : mean;
    const Real square_hat = corrected ? sigma2 / correction : sigma2;
    const Real variance =
        centered ? maximum(Real(square_hat - mean_hat * mean_hat), Real(0)) : square_hat;
    switch (place) {
      case Epsilon::inside_root:
        return sqrt(Real(variance + epsilon));
      case Epsilon::outside_root:
        return sqrt(variance) + epsilon;
      default:
        return sqrt(variance);
    }
  }

  Real alpha, beta, epsilon, lambda, correction;
  Epsilon place;
  bool begins, corrected, centered, inside_buffer, buffered;
  DecayOfWeights<Real> decay;
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
      : repaired(h, t), alpha(h.alpha), first(t == 1) {}

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
