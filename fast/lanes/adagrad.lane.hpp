// SPDX-License-Identifier: Apache-2.0
#include "namespace.hpp"

#if defined(TRUESTEP_FAST_LANES_ADAGRAD_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_FAST_LANES_ADAGRAD_LANE
#undef TRUESTEP_FAST_LANES_ADAGRAD_LANE
#else
#define TRUESTEP_FAST_LANES_ADAGRAD_LANE
#endif

#include "adagrad.hpp"
#include "rule.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::fast::TRUESTEP_LANE_NAMESPACE {

/// One coordinate of Adagrad:
///   sum' = sum + g^2,  theta' = theta - learning_rate g / sqrt(sum' + epsilon).
///
///   order                      error of sum, update   drift of sum, theta    time
///   fma(g, g, sum)             1.0                    72 / 2485              1      chosen
///   sum + g g                  1.8                    73 / 2485              1
///   (learning_rate g) / root   3.7                    181 / 182              1      chosen
///   learning_rate (g / root)   3.6                    181 / 182              1.01
///   (learning_rate / root) g   3.7                    179 / 182              1.01
///
/// fma makes each sum the nearest float to the exact one and so halves what can be proved of its
/// drift, at no cost where the processor has it.
///
/// Epsilon outside the root is one addition as it is inside. A mean of the directions has Adam's
/// order. Weight decay that enters the sum alone is fused with its gradient, as everywhere.
template <AdagradForm form>
struct AdagradLane {
  static constexpr std::size_t coefficients = 2 + form.averaged + form.decays_sum;
  static constexpr std::size_t states = 1 + form.averaged;
  static constexpr auto coefficient_names =
      names<coefficients>({{true, "learning_rate"},
                           {true, "epsilon"},
                           {form.averaged, "w"},
                           {form.decays_sum, "weight_decay"}});
  static constexpr auto state_names = names<states>({{true, "sum"}, {form.averaged, "v"}});

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const Number &learning_rate = coefficient[0], &epsilon = coefficient[1];
    Number& sum = state[0];
    if constexpr (form.decays_sum) {
      const Number decayed = fma(coefficient[coefficients - 1], theta, gradient);
      sum = fma(decayed, decayed, sum);
    } else {
      sum = fma(gradient, gradient, sum);
    }
    observe("sum", sum);
    const Number denominator = form.epsilon_outside ? sqrt(sum) + epsilon : sqrt(sum + epsilon);
    observe("denominator", denominator);
    if constexpr (form.averaged) {
      const Number& w = coefficient[2];
      Number& v = state[1];
      const Number direction = or_no_step(sum, gradient / denominator);
      v = fma(w, direction, decay(w, v));
      observe("v", v);
      const Number update = learning_rate * v;
      observe("update", update);
      theta = theta - update;
    } else {
      const Number update = or_no_step(sum, learning_rate * gradient / denominator);
      observe("update", update);
      theta = theta - update;
    }
    observe("theta", theta);
  }

 private:
  template <class Number>
  static Number or_no_step([[maybe_unused]] const Number& sum, const Number& quotient) {
    if constexpr (form.no_step_at_zero)
      return where_positive(sum, quotient);
    else
      return quotient;
  }
};
using Adagrad = AdagradLane<AdagradForm{}>;

template <>
struct LanesOfRule<AdagradHyperparameters> : LanesOf<AdagradForm, AdagradLane> {
  using by_default = Adagrad;
};

}  // namespace truestep::fast::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
