#pragma once

#include "domain.hpp"

namespace truestep::reference {

struct RmspropHyperparameters {
  double alpha;    ///< learning rate, [0, infinity)
  double beta;     ///< weight of the past, [0, 1)
  double epsilon;  ///< added to the state at every step, unit of g^2, [0, infinity)
};

/// RMSprop at step t (t = 1 takes theta_0 to theta_1), one coordinate, g = grad L(theta_(t-1)):
///
///     sigma^2_1 = g^2 + epsilon
///     sigma^2_t = beta sigma^2_(t-1) + (1 - beta) g^2 + epsilon
///     theta_t   = theta_(t-1) - alpha / sigma_t g
///
/// The seed's rule with its first step made like the others (see RmspropAsPrinted). Epsilon lives
/// in the state and accumulates to epsilon / (1 - beta). The state before step 1 is not looked at.
/// Real: a Boost.Multiprecision number; `accumulate` takes cpp_rational too, and is then exact.
/// Where sigma = 0, what the number type makes of 0 / 0. Throws std::invalid_argument outside the
/// domain.
template <class Real>
class Rmsprop {
 public:
  struct State {
    Real sigma2 = 0;
  };
  struct Step : State {
    Real sigma, update, theta;
  };

  Rmsprop(const RmspropHyperparameters& h, std::uint64_t t)
      : alpha(h.alpha), beta(h.beta), epsilon(h.epsilon), first(t == 1) {
    require_counted("rmsprop", t);
    require_non_negative("rmsprop", "alpha", h.alpha);
    require_weight("rmsprop", "beta", h.beta);
    require_non_negative("rmsprop", "epsilon", h.epsilon);
  }

  State accumulate(const State& before, const Real& g) const {
    if (first) return {g * g + epsilon};
    return {beta * before.sigma2 + (1 - beta) * (g * g) + epsilon};
  }

  Step step(const Real& theta, const State& before, const Real& g) const {
    const State now = accumulate(before, g);
    const Real sigma = sqrt(now.sigma2);
    const Real update = alpha / sigma * g;
    return {now, sigma, update, theta - update};
  }

 private:
  Real alpha, beta, epsilon;
  bool first;
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
