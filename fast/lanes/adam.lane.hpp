// SPDX-License-Identifier: Apache-2.0
#include "namespace.hpp"

#if defined(TRUESTEP_FAST_LANES_ADAM_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_FAST_LANES_ADAM_LANE
#undef TRUESTEP_FAST_LANES_ADAM_LANE
#else
#define TRUESTEP_FAST_LANES_ADAM_LANE
#endif

#include "adam.hpp"
#include "rule.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::fast::TRUESTEP_LANE_NAMESPACE {

/// One coordinate of Adam, w = 1 - beta:
///   m' = (1 - w1) m + w1 g,  v' = (1 - w2) v + w2 g^2,
///   theta' = theta - alpha_t m' / (c_t sqrt(v') + epsilon),
/// alpha_t = learning_rate / (1 - beta1^t) and c_t = 1 / sqrt(1 - beta2^t).
///
///   order                            error of m, v   drift of v   time
///   fma(w g, g, fma(-w, v, v))       2.7, 2.0         46 / 754    1      chosen
///   beta v + w (g g)                 2.4, 2.7        245 / 971    0.99
///   fma(w g, g, beta v)              2.3, 2.3        247 / 971    0.99
///   fma(beta, v, w (g g))            2.2, 2.6        234 / 339    0.99
///   fma(high, v, fma(low, v, ...))   2.2, 2.6         52 / 237    1      beta = high + low
///   fma(w, fma(g, g, -v), v)         4.7, 2.2         53 / 237    0.99   fails at w = 1
///
/// A beta rounded by itself no longer adds up to 1 with w, which is most of the drift; in two parts
/// it does, for two more coefficients per mean and 1.16 of Adadelta's time. The last order
/// amplifies its rounding by w / (1 - w), without bound as beta tends to 0. The order chosen
/// forgets exactly at w = 1, and what v drifts under constant gradients does not reach theta, which
/// drifts alike under all (116 to 122 / 1594).
///
///   order                         error of update   time
///   fma(c_t, sqrt(v), epsilon)    5.0               1      chosen
///   c_t sqrt(v) + epsilon         5.6               1
///   sqrt(v_hat) + epsilon         5.3               1.01
///   (alpha m_hat) / denominator   5.7               1
///   alpha_t (m / denominator)     5.0               1
///
/// An epsilon before the correction, and a correction that a convention lacks, are matters of the
/// coefficients. AMSGrad's largest v stands in the denominator for v. With an epsilon inside the
/// root too, the denominator is sqrt(c_t v' + epsilon_root) + epsilon, c_t = 1 / (1 - beta2^t).
/// AMSGrad of the corrected v keeps the largest c_t v' and has it there. Nesterov's gradient makes
/// the numerator p m' + q g. Decay after the step shrinks the theta that it has moved.
template <AdamForm form>
struct AdamLane {
  static constexpr std::size_t coefficients =
      5 + form.ahead + form.epsilon_in_root + form.decays_after;
  static constexpr std::size_t states = 2 + form.amsgrad;
  static constexpr auto coefficient_names =
      names<coefficients>({{true, "w1"},
                           {true, "w2"},
                           {!form.ahead, "alpha_t"},
                           {form.ahead, "p"},
                           {form.ahead, "q"},
                           {true, "c_t"},
                           {true, "epsilon"},
                           {form.epsilon_in_root, "epsilon_root"},
                           {form.decays_after, "amount"}});
  static constexpr auto state_names =
      names<states>({{true, "m"}, {true, "v"}, {form.amsgrad, "v_max"}});

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const Number &w1 = coefficient[0], &w2 = coefficient[1], &c_t = coefficient[after_numerator],
                 &epsilon = coefficient[after_numerator + 1];
    Number &m = state[0], &v = state[1];
    m = fma(w1, gradient, decay(w1, m));
    observe("m", m);
    v = fma(w2 * gradient, gradient, decay(w2, v));
    observe("v", v);
    Number& second = state[states - 1];
    if constexpr (form.amsgrad) {
      if constexpr (form.largest_corrected)
        second = maximum(second, c_t * v);
      else
        second = maximum(second, v);
      observe("v_max", second);
    }
    const Number numerator = [&] {
      if constexpr (form.ahead)
        return fma(coefficient[2], m, coefficient[3] * gradient);
      else
        return coefficient[2] * m;
    }();
    observe("numerator", numerator);
    const Number denominator = [&] {
      if constexpr (form.largest_corrected)
        return sqrt(second + coefficient[after_numerator + 2]) + epsilon;
      else if constexpr (form.epsilon_in_root)
        return sqrt(fma(c_t, second, coefficient[after_numerator + 2])) + epsilon;
      else
        return fma(c_t, sqrt(second), epsilon);
    }();
    observe("denominator", denominator);
    const Number update = numerator / denominator;
    observe("update", update);
    if constexpr (form.decays_after)
      theta = decay(coefficient[coefficients - 1], theta - update);
    else
      theta = theta - update;
    observe("theta", theta);
  }

 private:
  static constexpr std::size_t after_numerator = 3 + form.ahead;
};
using Adam = AdamLane<AdamForm{}>;

template <>
struct LanesOfRule<AdamHyperparameters> : LanesOf<AdamForm, AdamLane> {
  using by_default = Adam;
};

}  // namespace truestep::fast::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
