// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "quantity.hpp"
#include "real.hpp"
#include "parameters.hpp"

namespace truestep::reference {

struct AdamHyperparameters {
  double learning_rate;  ///< alpha below, [0, infinity)
  double beta1;          ///< weight of the past in m, [0, 1)
  double beta2;          ///< weight of the past in v, [0, 1)
  double epsilon;        ///< beside the root, unit of g, [0, infinity)
  EpsilonFrame epsilon_frame = EpsilonFrame::after_correction;
  double epsilon_root = 0;  ///< inside the root, unit of g^2, [0, infinity)
  bool corrects_m = true;   ///< divide m by 1 - beta1^t
  bool corrects_v = true;   ///< divide v by 1 - beta2^t
  BiasCorrection bias_correction = BiasCorrection::divides;
  std::uint64_t first_power = 1;     ///< exponent in the correction at t = 1; 0 for none there
  std::uint64_t counter_stride = 1;  ///< what a step adds to that exponent
  double beta1_decay = 1;            ///< step t takes beta1 beta1_decay^(t-1) for beta1, [0, 1]
  bool amsgrad = false;              ///< the largest v so far in the denominator
  LargestOf largest_of = LargestOf::raw;
  MomentAhead moment_ahead = MomentAhead::none;
  StateUsed state_used = StateUsed::current;
  Start moments_start = Start::constant;  ///< m, v and v_max start at 0, or at epsilon
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< kappa in parameters.hpp, [0, infinity)
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  DecayMask weight_decay_mask = DecayMask::none;
  double weight_decay_post = 0;    ///< rho: theta's own decay after all else, [0, 1]
  double schedule_multiplier = 1;  ///< eta, of the step and of decoupled weight decay, [0, 1]
  double learning_rate_decay = 0;  ///< delta in parameters.hpp, [0, infinity)
  StepSign step_sign = StepSign::descent;
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
/// denominator; LargestOf::corrected keeps the largest v_hat instead, in v_max and in v_hat's place
/// (Optax). The paper's first versions let beta1 decay with t in m, not in the correction. Nesterov
/// ahead of m (Dozat 2016), for m_hat:
///
///     (beta1 m_t + (1 - beta1) g) / (1 - beta1^t)                           same_correction
///     beta1 m_t / (1 - beta1^(t+1)) + (1 - beta1) g / (1 - beta1^t)         own_corrections
///
/// BiasCorrection::multiplies has m_t (1 - beta1^t) and v_t (1 - beta2^t), which is ConvNetJS's
/// mistake; StateUsed::previous moves theta by m_(t-1) and v_(t-1), which is that of brain.js. A
/// counter that every parameter tensor advances makes the exponents first_power + (t - 1)
/// counter_stride. DecayScale::corrected_rate is alpha sqrt(1 - beta2^t) / (1 - beta1^t).
/// Weight decay, schedule and sign: parameters.hpp; decoupled, it is Loshchilov & Hutter 2019 with
/// the schedule in alpha. Their multiplier eta has a place of its own too (Chainer),
///
///     theta_t = (1 - rho) ((1 - eta s kappa) theta_(t-1) - eta update),
///
/// and rho is ONNX's second decay, times no rate. DecayMask::signs_agree has kappa only where
/// theta_(t-1) and m_t have one sign (burn, after arXiv 2510.12402).
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
      : beta1(Real(h.beta1) * power(Real(h.beta1_decay), t - 1)),
        beta2(h.beta2),
        epsilon(h.epsilon),
        epsilon_root(h.epsilon_root),
        correction1(correction(h.corrects_m, h.beta1, h, t)),
        correction2(correction(h.corrects_v, h.beta2, h, t)),
        next_correction1(correction(h.corrects_m, h.beta1, h, t + 1)),
        before_correction(h.epsilon_frame == EpsilonFrame::before_correction),
        multiplies(h.bias_correction == BiasCorrection::multiplies),
        amsgrad(h.amsgrad),
        keeps_corrected(h.largest_of == LargestOf::corrected),
        uses_previous(h.state_used == StateUsed::previous),
        masked(h.weight_decay_mask == DecayMask::signs_agree),
        multiplied(h.schedule_multiplier != 1),
        decays_post(h.weight_decay_post != 0),
        ahead(h.moment_ahead),
        multiplier(h.schedule_multiplier),
        kept_post(1 - Real(h.weight_decay_post)),
        parameters(name, h, t) {
    require_weight(name, "beta1", h.beta1);
    require_weight(name, "beta2", h.beta2);
    require_non_negative(name, "epsilon", h.epsilon);
    require_non_negative(name, "epsilon_root", h.epsilon_root);
    constexpr std::uint64_t most = std::uint64_t{1} << 16;
    require(h.first_power <= most, name, "first_power", h.first_power, "[0, 2^16]");
    require(h.counter_stride <= most, name, "counter_stride", h.counter_stride, "[0, 2^16]");
    require(h.counter_stride < 2 || t <= std::uint64_t{1} << 47, name, "t", t,
            "[1, 2^47], where counter_stride is more than 1");
    require(h.beta1_decay >= 0 && h.beta1_decay <= 1, name, "beta1_decay", h.beta1_decay, "[0, 1]");
    require(h.weight_decay_post >= 0 && h.weight_decay_post <= 1, name, "weight_decay_post",
            h.weight_decay_post, "[0, 1]");
    require(h.schedule_multiplier >= 0 && h.schedule_multiplier <= 1, name, "schedule_multiplier",
            h.schedule_multiplier, "[0, 1]");
    require_sense(h.weight_decay_place != WeightDecay::accumulator, name,
                  "weight decay into the accumulator alone needs a sum of squares");
    require_sense(h.moments_start != Start::first_square, name,
                  "moments start at 0 or at epsilon, whatever the first gradient");
    require_sense(!before_correction || !multiplies, name,
                  "a correction that multiplies has no frame before it");
    require_sense(!before_correction || !amsgrad || !keeps_corrected, name,
                  "the largest corrected moment leaves no raw root for epsilon");
    require_sense(ahead == MomentAhead::none || !multiplies, name,
                  "a moment ahead is corrected by division");
  }

  template <class Given = Hyperparameters>
  static State start(const Given& h) {
    const Real first = h.moments_start == Start::epsilon ? Real(h.epsilon) : Real(0);
    return {first, first, first};
  }

  State moments(const State& before, const Real& g) const {
    return {beta1 * before.m + (1 - beta1) * g, beta2 * before.v + (1 - beta2) * (g * g),
            before.v_max};
  }

  Step step(const Real& theta, const State& before, const Real& g) const {
    const Real gradient = parameters.gradient(theta, g);
    State now = moments(before, gradient);
    const State& used = uses_previous ? before : now;
    const Real largest = keeps_corrected ? corrected(used.v, correction2) : used.v;
    if (amsgrad) now.v_max = maximum(before.v_max, largest);
    const Real m_hat = numerator(used.m, gradient);
    const Real& second = amsgrad ? now.v_max : used.v;
    const bool is_corrected = amsgrad && keeps_corrected;
    const Real v_hat = is_corrected ? second : corrected(second, correction2);
    const Real denominator =
        before_correction ? (root(second) + epsilon) / sqrt(correction2) : root(v_hat) + epsilon;
    const Real update = parameters.rate * m_hat / denominator;
    return {now, m_hat, v_hat, denominator, update, moved(theta, now.m, update)};
  }

 private:
  /// 1 - beta^n, n = first_power + (t - 1) counter_stride; 1 where a convention corrects nothing.
  template <class Given>
  static Real correction(bool applied, double beta, const Given& h, std::uint64_t t) {
    if (!applied) return 1;
    const std::uint64_t n = h.first_power + (t - 1) * h.counter_stride;
    return n > 0 ? 1 - power(Real(beta), n) : Real(1);
  }

  /// theta after the step, given m after it.
  Real moved(const Real& theta, const Real& m, const Real& update) const {
    const Real& kappa = parameters.kappa;
    const Real corrected_rate = parameters.rate * sqrt(correction2) / correction1;
    const Real now = parameters.moved(theta, scheduled(update), corrected_rate,
                                      scheduled(masked ? where_alike(theta, m, kappa) : kappa));
    return decays_post ? kept_post * now : now;
  }

  Real scheduled(const Real& x) const { return multiplied ? multiplier * x : x; }

  Real corrected(const Real& moment, const Real& by) const {
    return multiplies ? moment * by : moment / by;
  }

  /// m_hat, or what stands for it.
  Real numerator(const Real& m, const Real& g) const {
    switch (ahead) {
      case MomentAhead::none:
        break;
      case MomentAhead::same_correction:
        return (beta1 * m + (1 - beta1) * g) / correction1;
      case MomentAhead::own_corrections:
        return beta1 * m / next_correction1 + (1 - beta1) * g / correction1;
    }
    return corrected(m, correction1);
  }

  Real root(const Real& second) const { return sqrt(Real(second + epsilon_root)); }

  Real beta1, beta2, epsilon, epsilon_root, correction1, correction2, next_correction1;
  bool before_correction, multiplies, amsgrad, keeps_corrected, uses_previous;
  bool masked, multiplied, decays_post;
  MomentAhead ahead;
  Real multiplier, kept_post;
  Parameters<Real> parameters;
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
