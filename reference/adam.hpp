// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "quantity.hpp"
#include "real.hpp"
#include "weight_decay.hpp"

namespace truestep::reference {

struct AdamHyperparameters {
  double learning_rate;  ///< alpha below, [0, infinity)
  double beta1;          ///< weight of the past in m, [0, 1)
  double beta2;          ///< weight of the past in v, [0, 1)
  double epsilon;        ///< beside the root, unit of g, [0, infinity)
  EpsilonFrame epsilon_frame = EpsilonFrame::after_correction;
  double epsilon_root = 0;        ///< inside the root, unit of g^2, [0, infinity)
  bool corrects_m = true;         ///< divide m by 1 - beta1^t
  bool corrects_v = true;         ///< divide v by 1 - beta2^t
  std::uint64_t first_power = 1;  ///< exponent in the correction at t = 1: 1, or 0 for none there
  double beta1_decay = 1;         ///< step t takes beta1 beta1_decay^(t-1) for beta1, [0, 1]
  bool amsgrad = false;           ///< the largest v so far in the denominator
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< kappa in weight_decay.hpp, [0, infinity)
};

/// Adam at step t (t = 1 takes theta_0 to theta_1), one coordinate, g = grad L(theta_(t-1)):
///
///     m_t     = beta1 m_(t-1) + (1 - beta1) g,          m_0 = 0
///     v_t     = beta2 v_(t-1) + (1 - beta2) g^2,        v_0 = 0
///     m_hat   = m_t / (1 - beta1^t)
///     v_hat   = v_t / (1 - beta2^t)
///     theta_t = theta_(t-1) - alpha m_hat / (sqrt(v_hat) + epsilon)
///
/// Kingma & Ba 2015, arXiv version 9, Algorithm 1, with its names: what the seed calls sigma is m
/// here. EpsilonFrame::before_correction is the paper's section 2,
///
///     theta_t = theta_(t-1) - alpha sqrt(1 - beta2^t) / (1 - beta1^t) m_t / (sqrt(v_t) + epsilon),
///
/// which is the same with epsilon / sqrt(1 - beta2^t). Optax has sqrt(v_hat + epsilon_root) +
/// epsilon. AMSGrad (Reddi, Kale, Kumar 2018) takes v_max_t = max(v_max_(t-1), v_t) for v_t in the
/// denominator. The paper's first versions let beta1 decay with t in m, not in the correction.
/// Weight decay: weight_decay.hpp; decoupled, it is Loshchilov & Hutter 2019 with the schedule in
/// alpha.
///
/// Real: a Boost.Multiprecision number; `moments` takes cpp_rational too, and is then exact. Where
/// the denominator is 0, what the number type makes of m / 0. Throws std::invalid_argument outside
/// the domain.
template <class Real>
class Adam {
 public:
  using Hyperparameters = AdamHyperparameters;
  struct State {
    Real m = 0, v = 0, v_max = 0;
  };
  struct Step : State {
    Real m_hat, v_hat, denominator, update, theta;
  };

  /// What a step shows, in the order of computation.
  static constexpr std::array<Quantity<Step, Real>, 8> quantities{
      {{"m", &Step::m, true},
       {"v", &Step::v, true},
       {"v_max", &Step::v_max, true},
       {"m_hat", &Step::m_hat},
       {"v_hat", &Step::v_hat},
       {"denominator", &Step::denominator},
       {"update", &Step::update},
       {"theta", &Step::theta}}};

  static constexpr const char* name = "adam";

  /// @param h  AdamHyperparameters, or what has the same members
  template <class Given = Hyperparameters>
  Adam(const Given& h, std::uint64_t t)
      : alpha(h.learning_rate),
        beta1(Real(h.beta1) * power(Real(h.beta1_decay), t - 1)),
        beta2(h.beta2),
        epsilon(h.epsilon),
        epsilon_root(h.epsilon_root),
        correction1(correction(h.corrects_m, h.beta1, h.first_power + t - 1)),
        correction2(correction(h.corrects_v, h.beta2, h.first_power + t - 1)),
        before_correction(h.epsilon_frame == EpsilonFrame::before_correction),
        amsgrad(h.amsgrad),
        decay(name, h) {
    require_counted(name, t);
    require_non_negative(name, "learning_rate", h.learning_rate);
    require_weight(name, "beta1", h.beta1);
    require_weight(name, "beta2", h.beta2);
    require_non_negative(name, "epsilon", h.epsilon);
    require_non_negative(name, "epsilon_root", h.epsilon_root);
    require(h.first_power <= 1, name, "first_power", h.first_power, "{0, 1}");
    require(h.beta1_decay >= 0 && h.beta1_decay <= 1, name, "beta1_decay", h.beta1_decay, "[0, 1]");
    require_sense(h.weight_decay_place != WeightDecay::accumulator, name,
                  "weight decay into the accumulator alone is Adagrad's");
  }

  template <class Given = Hyperparameters>
  static State start(const Given&) {
    return {};
  }

  State moments(const State& before, const Real& g) const {
    return {beta1 * before.m + (1 - beta1) * g, beta2 * before.v + (1 - beta2) * (g * g),
            before.v_max};
  }

  Step step(const Real& theta, const State& before, const Real& g) const {
    State now = moments(before, decay.gradient(theta, g));
    if (amsgrad) now.v_max = maximum(before.v_max, now.v);
    const Real& second = amsgrad ? now.v_max : now.v;
    const Real m_hat = now.m / correction1;
    const Real v_hat = second / correction2;
    const Real denominator =
        before_correction ? (root(second) + epsilon) / sqrt(correction2) : root(v_hat) + epsilon;
    const Real update = alpha * m_hat / denominator;
    return {now, m_hat, v_hat, denominator, update, decay.parameters(theta, alpha) - update};
  }

 private:
  static Real correction(bool applied, double beta, std::uint64_t n) {
    return applied && n > 0 ? 1 - power(Real(beta), n) : Real(1);
  }

  Real root(const Real& second) const { return sqrt(Real(second + epsilon_root)); }

  Real alpha, beta1, beta2, epsilon, epsilon_root, correction1, correction2;
  bool before_correction, amsgrad;
  DecayOfWeights<Real> decay;
};

/// Adam as the seed prints it, sigma the first moment and v the second.
///
/// What is wrong with it: the moments are divided by 1 - beta^t and the divided values enter the
/// next recurrence, so that the division acts again at every step. At g = 1 the steps fall to
/// nothing within 1.288 alpha of travel, and v passes the largest double at step 329, after which a
/// computed step is 0 for ever. (Without overflow the divisors tend to 1, and the steps come back
/// after more than a million: proofs/theory/rules/adam_printed.v.) The first two rows have the
/// exponent of their own step; the general row has one less, hence 1 - beta^0 = 0 at its own first
/// step, for which the printed first row stands in here. The names are swapped against the other
/// rules, whose sigma is the second moment.
template <class Real>
class AdamAsPrinted {
 public:
  enum class Exponent { of_the_first_rows, of_the_general_row };

  struct State {
    Real sigma = 0, v = 0;
  };
  struct Step : State {
    Real theta;
  };

  AdamAsPrinted(const AdamHyperparameters& h, std::uint64_t t, Exponent exponent)
      : alpha(h.learning_rate),
        beta1(h.beta1),
        beta2(h.beta2),
        epsilon(h.epsilon),
        power_of(exponent == Exponent::of_the_general_row && t > 1 ? t - 1 : t) {}

  Step step(const Real& theta, const State& before, const Real& g) const {
    const Real sigma = (beta1 * before.sigma + (1 - beta1) * g) / (1 - power(beta1, power_of));
    const Real v = (beta2 * before.v + (1 - beta2) * (g * g)) / (1 - power(beta2, power_of));
    return {{sigma, v}, theta - alpha * sigma / (sqrt(v) + epsilon)};
  }

 private:
  Real alpha, beta1, beta2, epsilon;
  std::uint64_t power_of;
};

}  // namespace truestep::reference
