#pragma once

#include "domain.hpp"

namespace truestep::reference {

struct NagHyperparameters {
  double alpha;   ///< learning rate, [0, infinity)
  double lambda;  ///< weight of the previous move, [0, 1)
};

/// Nesterov's accelerated gradient at step t (t = 1 takes theta_0 to theta_1), one coordinate:
///
///     g       = grad L(theta_(t-1) + lambda v_(t-1))
///     v_t     = lambda v_(t-1) - alpha g
///     theta_t = theta_(t-1) + v_t,              v_0 = 0
///
/// As the seed prints it; also Sutskever, Martens, Dahl, Hinton 2013, equations 3 and 4. The
/// gradient belongs to the look-ahead point, which the caller must ask for first. v and theta have
/// one unit. Real: any Boost.Multiprecision number, cpp_rational included, in which the result is
/// then exact. Throws std::invalid_argument outside the domain.
template <class Real>
class Nag {
 public:
  struct State {
    Real v = 0;
  };
  struct Step : State {
    Real theta;
  };

  Nag(const NagHyperparameters& h, std::uint64_t t) : alpha(h.alpha), lambda(h.lambda) {
    require_counted("nag", t);
    require_non_negative("nag", "alpha", h.alpha);
    require_weight("nag", "lambda", h.lambda);
  }

  /// theta_(t-1) + lambda v_(t-1).
  Real look_ahead(const Real& theta, const State& before) const {
    return theta + lambda * before.v;
  }

  /// @param g  the gradient at look_ahead(theta, before)
  Step step(const Real& theta, const State& before, const Real& g) const {
    const Real v = lambda * before.v - alpha * g;
    return {{v}, theta + v};
  }

 private:
  Real alpha, lambda;
};

}  // namespace truestep::reference
