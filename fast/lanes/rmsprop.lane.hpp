// SPDX-License-Identifier: Apache-2.0
#include "namespace.hpp"

#if defined(TRUESTEP_FAST_LANES_RMSPROP_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_FAST_LANES_RMSPROP_LANE
#undef TRUESTEP_FAST_LANES_RMSPROP_LANE
#else
#define TRUESTEP_FAST_LANES_RMSPROP_LANE
#endif

#include "rmsprop.hpp"
#include "rule.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::fast::TRUESTEP_LANE_NAMESPACE {

/// One coordinate of RMSprop, w = 1 - rho, or 1 at the first step, which forgets the state:
///   s' = (1 - w) s + w g^2 + epsilon,  theta' = theta - learning_rate g / sqrt(s').
///
///   order                                  error   drift of s   time
///   fma(-w, s, s) + fma(w g, g, epsilon)   3.8     3 / 13       1      chosen
///   fma(w g, g, fma(-w, s, s)) + epsilon   3.8     7 / 19       1
///   fma(rho, s, w (g g)) + epsilon         3.4     9 / 20       1
///   fma(w, fma(g, g, -s), s) + epsilon     85      6 / 16       1      fails at w = 1
///
/// The order of the update matters little, as in Adagrad (errors 3.6 to 3.7, times within 1 %).
///
/// Without epsilon in it, s has Adam's order, and so has the mean that a centered form keeps. With
/// k = 1 / (1 - rho^t), or 1 where nothing is corrected, the denominator is
///   sqrt(k (s' - k mean'^2) + epsilon)  or  sqrt(k) sqrt(s' - k mean'^2) + epsilon;
/// rounding may make the difference negative, which then counts as 0, or has NaN for its root where
/// the form keeps it. A buffer holds
///   v' = momentum v + push g / sigma,  theta' = theta - pull v',
/// one of push and pull the learning rate and the other 1.
template <RmspropForm form>
struct RmspropLane {
  static constexpr std::size_t coefficients =
      3 + 2 * form.corrected + form.centered + 2 * form.buffered;
  static constexpr std::size_t states = 1 + form.centered + form.buffered;
  static constexpr auto coefficient_names =
      names<coefficients>({{true, "w"},
                           {true, form.buffered ? "push" : "learning_rate"},
                           {true, "epsilon"},
                           {form.corrected, "k"},
                           {form.corrected, "root_of_k"},
                           {form.centered, "w_of_mean"},
                           {form.buffered, "momentum"},
                           {form.buffered, "pull"}});
  static constexpr auto state_names =
      names<states>({{true, "s"}, {form.centered, "mean"}, {form.buffered, "v"}});

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const Number &w = coefficient[0], &push = coefficient[1], &epsilon = coefficient[2];
    Number& s = state[0];
    if constexpr (form.epsilon_in_state)
      s = decay(w, s) + fma(w * gradient, gradient, epsilon);
    else
      s = fma(w * gradient, gradient, decay(w, s));
    observe("s", s);
    const Number sigma = denominator(coefficient, variance(coefficient, state, gradient, observe));
    observe("sigma", sigma);
    if constexpr (form.buffered) {
      const Number &momentum = coefficient[coefficients - 2], &pull = coefficient[coefficients - 1];
      Number& v = state[states - 1];
      v = fma(momentum, v, push * gradient / sigma);
      observe("v", v);
      const Number update = pull * v;
      observe("update", update);
      theta = theta - update;
    } else {
      const Number update = push * gradient / sigma;
      observe("update", update);
      theta = theta - update;
    }
    observe("theta", theta);
  }

 private:
  static constexpr std::size_t k = 3, root_of_k = 4, w_of_mean = 3 + 2 * form.corrected;

  /// s, or what the form's mean leaves of it, before any correction of s itself.
  template <class Number, class Observer>
  static Number variance(const std::array<Number, coefficients>& coefficient,
                         std::array<Number, states>& state, const Number& gradient,
                         const Observer& observe) {
    if constexpr (form.centered) {
      const Number& w = coefficient[w_of_mean];
      Number& mean = state[1];
      mean = fma(w, gradient, decay(w, mean));
      observe("mean", mean);
      if constexpr (form.corrected)
        return at_least_zero(fma(-(coefficient[k] * mean), mean, state[0]));
      else if constexpr (form.keeps_negative)
        return fma(-mean, mean, state[0]);
      else
        return at_least_zero(fma(-mean, mean, state[0]));
    } else {
      return state[0];
    }
  }

  template <class Number>
  static Number denominator(const std::array<Number, coefficients>& coefficient,
                            const Number& variance) {
    const Number& epsilon = coefficient[2];
    if constexpr (form.epsilon_in_state)
      return sqrt(variance);
    else if constexpr (form.epsilon_outside)
      return form.corrected ? fma(coefficient[root_of_k], sqrt(variance), epsilon)
                            : sqrt(variance) + epsilon;
    else
      return form.corrected ? sqrt(fma(coefficient[k], variance, epsilon))
                            : sqrt(variance + epsilon);
  }
};
using Rmsprop = RmspropLane<RmspropForm{}>;

template <>
struct LanesOfRule<RmspropHyperparameters> : LanesOf<RmspropForm, RmspropLane> {
  using by_default = Rmsprop;
};

}  // namespace truestep::fast::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
