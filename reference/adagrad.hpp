// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "quantity.hpp"
#include "parameters.hpp"

namespace truestep::reference {

struct AdagradHyperparameters {
  double learning_rate;  ///< alpha below, [0, infinity)
  double epsilon;        ///< unit of g^2 inside the root, of g outside, [0, infinity)
  EpsilonPlace epsilon_place = EpsilonPlace::inside;
  Start start = Start::constant;
  double initial_accumulator = 0;  ///< sum_0 if start is constant, [0, infinity)
  double learning_rate_decay = 0;  ///< delta in parameters.hpp, [0, infinity)
  std::uint64_t first_count = 0;   ///< n in parameters.hpp, [0, 2^16]
  ZeroDenominator zero_denominator = ZeroDenominator::divide;
  double momentum = 0;  ///< lambda, the weight of the past in a mean of the directions, [0, 1)
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< kappa in parameters.hpp, [0, infinity)
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  StepSign step_sign = StepSign::descent;
};

/// Adagrad at step t (t = 1 takes theta_0 to theta_1), one coordinate, g = grad L(theta_(t-1)):
///
///     sum_t   = g_1^2 + ... + g_t^2,            sum_0 = 0
///     theta_t = theta_(t-1) - alpha g / sqrt(sum_t + epsilon)
///
/// The seed's last line, its sum ending at the gradient that is known (see AdagradAsPrinted);
/// Duchi, Hazan, Singer 2011 have delta + sqrt(sum). The other choices: axes.hpp, and with lambda >
/// 0
///
///     v_t     = lambda v_(t-1) + (1 - lambda) g / sqrt(...),    theta_t = theta_(t-1) - alpha v_t.
///
/// Real: a Boost.Multiprecision number; `accumulate` takes cpp_rational too, and is then exact.
/// Where the denominator is 0 and is divided by, what the number type makes of 0 / 0. Throws
/// std::invalid_argument outside the domain.
template <class Real>
class Adagrad {
 public:
  using Hyperparameters = AdagradHyperparameters;
  struct State {
    Real sum = 0, v = 0;
  };
  struct Step : State {
    Real denominator, update, theta;
  };

  /// What a step shows, in the order of computation.
  static constexpr std::array<Quantity<Step, Real>, 5> quantities{
      {{"sum", &Step::sum, true},
       {"denominator", &Step::denominator},
       {"v", &Step::v, true},
       {"update", &Step::update},
       {"theta", &Step::theta}}};

  static constexpr const char* name = "adagrad";

  /// @param h  AdagradHyperparameters, or what has the same members
  template <class Given = Hyperparameters>
  Adagrad(const Given& h, std::uint64_t t)
      : epsilon(h.epsilon),
        lambda(h.momentum),
        inside_root(h.epsilon_place == EpsilonPlace::inside),
        no_step_at_zero(h.zero_denominator == ZeroDenominator::no_step),
        averaged(h.momentum != 0),
        parameters(name, h, t, h.first_count) {
    constexpr std::uint64_t most = 65536;
    require(h.first_count <= most, name, "first_count", h.first_count, "[0, 2^16]");
    require_non_negative(name, "epsilon", h.epsilon);
    require_non_negative(name, "initial_accumulator", h.initial_accumulator);
    require_weight(name, "momentum", h.momentum);
    require_sense(h.start != Start::first_square, name,
                  "a sum has no weight by which its first step could forget its start");
    require_sense(inside_root || h.epsilon_place == EpsilonPlace::outside, name,
                  "epsilon goes inside the root or outside it");
    require_sense(h.weight_decay_scale != DecayScale::corrected_rate, name,
                  "weight decay has no corrected rate to be multiplied by");
  }

  template <class Given = Hyperparameters>
  static State start(const Given& h) {
    return {Real(h.start == Start::epsilon ? h.epsilon : h.initial_accumulator), 0};
  }

  Real accumulate(const Real& before, const Real& g) const { return before + g * g; }

  Step step(const Real& theta, const State& before, const Real& g) const {
    const Real sum = accumulate(before.sum, parameters.accumulated(theta, g));
    const Real denominator = inside_root ? Real(sqrt(Real(sum + epsilon))) : sqrt(sum) + epsilon;
    const Real quotient = parameters.gradient(theta, g) / denominator;
    const Real direction = no_step_at_zero ? where_positive(sum, quotient) : quotient;
    const Real v = averaged ? lambda * before.v + (1 - lambda) * direction : before.v;
    const Real update = parameters.rate * (averaged ? v : direction);
    return {{sum, v}, denominator, update, parameters.moved(theta, update)};
  }

 private:
  Real epsilon, lambda;
  bool inside_root, no_step_at_zero, averaged;
  Parameters<Real> parameters;
};

/// Adagrad as the seed prints it.
///
/// What is wrong with it: the first line overwrites alpha by alpha / sqrt(sum), so that the second
/// divides by the root twice, and at every step once more; and both sums run to i = t, which needs
/// the gradient at theta_t while theta_t is being computed. It can be evaluated only where that
/// gradient is known beforehand, as for a linear L.
template <class Real>
class AdagradAsPrinted {
 public:
  struct State {
    Real sum = 0;  ///< of the squares up to the gradient at theta_(t-1), which row t uses
    Real alpha;    ///< as the first line left it
  };
  struct Step : State {
    Real theta;
  };

  /// Both lines in turn. @param g_next  the gradient at the theta_t that is being computed
  static Step both_lines(const Real& theta, const State& before, const Real& g,
                         const Real& g_next) {
    const Real sum = before.sum + g_next * g_next;
    const Real alpha = before.alpha / sqrt(sum);
    return {{sum, alpha}, theta - alpha / sqrt(sum) * g};
  }

  /// The second line alone, with its epsilon. @param g_next  as above
  static Step last_line(const Real& theta, const State& before, const Real& epsilon, const Real& g,
                        const Real& g_next) {
    const Real sum = before.sum + g_next * g_next;
    return {{sum, before.alpha}, theta - before.alpha / sqrt(Real(sum + epsilon)) * g};
  }
};

}  // namespace truestep::reference
