// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "quantity.hpp"
#include "parameters.hpp"

namespace truestep::reference {

struct AdadeltaHyperparameters {
  double rho;                                 ///< decay of both means, [0, 1)
  double epsilon;                             ///< under both roots, [0, infinity)
  double learning_rate = 1;                   ///< alpha below, [0, infinity)
  bool accumulates_scaled = false;            ///< E[delta^2] sees alpha delta instead of delta
  StateUsed state_used = StateUsed::current;  ///< RMS[g]_t, or RMS[g]_(t-1) for it
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< kappa in parameters.hpp, [0, infinity)
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  double learning_rate_decay = 0;  ///< delta in parameters.hpp, [0, infinity)
  StepSign step_sign = StepSign::descent;
};

/// Adadelta at step t (t = 1 takes theta_0 to theta_1), one coordinate, g = grad L(theta_(t-1)):
///
///     E[g^2]_t      = rho E[g^2]_(t-1) + (1 - rho) g^2
///     delta_t       = -RMS[delta]_(t-1) / RMS[g]_t g,     RMS[x] = sqrt(E[x^2] + epsilon)
///     E[delta^2]_t  = rho E[delta^2]_(t-1) + (1 - rho) delta_t^2
///     theta_t       = theta_(t-1) + alpha delta_t,        E[g^2]_0 = E[delta^2]_0 = 0
///
/// Zeiler 2012, Algorithm 1, which has no alpha; the seed's repeated block with the gradient
/// accumulated before it is used (see AdadeltaAsPrinted). Below, s = E[g^2] and u = E[delta^2].
/// Weight decay, schedule and sign: parameters.hpp. Real: a Boost.Multiprecision number; the two
/// means take cpp_rational too, and are then exact. Where s + epsilon = 0, what the number type
/// makes of 0 / 0. Throws std::invalid_argument outside the domain.
template <class Real>
class Adadelta {
 public:
  using Hyperparameters = AdadeltaHyperparameters;
  struct State {
    Real s = 0, u = 0;
  };
  struct Step : State {
    Real rms_delta, rms_g, delta, theta;
  };

  /// What a step shows, in the order of computation.
  static constexpr std::array<Quantity<Step, Real>, 6> quantities{{{"s", &Step::s, true},
                                                                   {"rms_delta", &Step::rms_delta},
                                                                   {"rms_g", &Step::rms_g},
                                                                   {"delta", &Step::delta},
                                                                   {"u", &Step::u, true},
                                                                   {"theta", &Step::theta}}};

  static constexpr const char* name = "adadelta";

  /// @param h  AdadeltaHyperparameters, or what has the same members
  template <class Given = Hyperparameters>
  Adadelta(const Given& h, std::uint64_t t)
      : rho(h.rho),
        epsilon(h.epsilon),
        accumulates_scaled(h.accumulates_scaled),
        uses_previous(h.state_used == StateUsed::previous),
        parameters(name, h, t) {
    require_weight(name, "rho", h.rho);
    require_non_negative(name, "epsilon", h.epsilon);
    require_sense(h.weight_decay_place != WeightDecay::accumulator, name,
                  "weight decay into the accumulator alone needs a sum of squares");
    require_sense(h.weight_decay_scale != DecayScale::corrected_rate, name,
                  "weight decay has no corrected rate to be multiplied by");
  }

  template <class Given = Hyperparameters>
  static State start(const Given&) {
    return {};
  }

  /// E[x^2]_t from E[x^2]_(t-1).
  Real mean_square(const Real& before, const Real& x) const {
    return rho * before + (1 - rho) * (x * x);
  }

  Step step(const Real& theta, const State& before, const Real& g) const {
    const Real gradient = parameters.gradient(theta, g);
    const Real s = mean_square(before.s, gradient);
    const Real rms_delta = rms(before.u), rms_g = rms(uses_previous ? before.s : s);
    const Real delta = -rms_delta / rms_g * gradient;
    const Real u = mean_square(before.u, accumulates_scaled ? parameters.rate * delta : delta);
    return {{s, u}, rms_delta, rms_g, delta, parameters.moved(theta, -parameters.rate * delta)};
  }

 private:
  Real rms(const Real& mean) const { return sqrt(Real(mean + epsilon)); }

  Real rho, epsilon;
  bool accumulates_scaled, uses_previous;
  Parameters<Real> parameters;
};

/// Adadelta as the seed prints it, block by block.
///
/// What is wrong with it: the first block moves by alpha / sqrt(0 + epsilon) g_0, a thousand alpha
/// g_0 at epsilon = 1e-6, and alpha is never used again; neither g_0 nor that first move ever
/// enters a mean; and the last block's row of E[g^2] is one index ahead, so that it asks for the
/// gradient at theta_t before it has made theta_t. The index is read as in block II.
template <class Real>
class AdadeltaAsPrinted {
 public:
  using State = typename Adadelta<Real>::State;
  struct Step : State {
    Real theta;
  };

  AdadeltaAsPrinted(const AdadeltaHyperparameters& h, double first_alpha, std::uint64_t t)
      : published(h, t), alpha(first_alpha), epsilon(h.epsilon), first(t == 1) {}

  Step step(const Real& theta, const State& before, const Real& g) const {
    if (first) return {before, theta - alpha / sqrt(Real(before.s + epsilon)) * g};
    const auto now = published.step(theta, before, g);
    return {now, now.theta};
  }

 private:
  Adadelta<Real> published;
  Real alpha, epsilon;
  bool first;
};

}  // namespace truestep::reference
