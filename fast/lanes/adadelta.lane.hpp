// SPDX-License-Identifier: Apache-2.0
#include "namespace.hpp"

#if defined(TRUESTEP_FAST_LANES_ADADELTA_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_FAST_LANES_ADADELTA_LANE
#undef TRUESTEP_FAST_LANES_ADADELTA_LANE
#else
#define TRUESTEP_FAST_LANES_ADADELTA_LANE
#endif

#include "adadelta.hpp"
#include "rule.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::fast::TRUESTEP_LANE_NAMESPACE {

/// One coordinate of Adadelta, w = 1 - rho:
///   s' = (1 - w) s + w g^2,  delta = -sqrt((u + epsilon) / (s' + epsilon)) g,
///   u' = (1 - w) u + w delta^2,  theta' = theta + delta.
///
///   order                   error of delta   drift of theta   time
///   sqrt(a / b) g           3.2              151 / 2727       1      chosen
///   (sqrt(a) / sqrt(b)) g   3.8              154 / 2722       1.53
///   (sqrt(a) g) / sqrt(b)   4.4              151 / 2723       1.51
///
/// The means have Adam's order, and for its reasons. Two weights for the past would bring the drift
/// of u from 10194 to 4835 and of theta from 2727 to 1420 (constant gradients), for 1.16 the time.
///
/// A learning rate that is not 1 scales delta on its way to theta, and on its way to u if the form
/// says so.
template <AdadeltaForm form>
struct AdadeltaLane {
  static constexpr std::size_t coefficients = 2 + form.scaled, states = 2;
  static constexpr auto coefficient_names =
      names<coefficients>({{true, "w"}, {true, "epsilon"}, {form.scaled, "learning_rate"}});
  static constexpr std::array<std::string_view, states> state_names{"s", "u"};

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const Number &w = coefficient[0], &epsilon = coefficient[1];
    auto& [s, u] = state;
    s = fma(w * gradient, gradient, decay(w, s));
    observe("s", s);
    const Number rate = sqrt((u + epsilon) / (s + epsilon));
    observe("rate", rate);
    const Number delta = -(rate * gradient);
    observe("delta", delta);
    if constexpr (form.scaled) {
      const Number move = coefficient[2] * delta;
      const Number& accumulated = form.accumulates_scaled ? move : delta;
      u = fma(w * accumulated, accumulated, decay(w, u));
      observe("u", u);
      theta = theta + move;
    } else {
      u = fma(w * delta, delta, decay(w, u));
      observe("u", u);
      theta = theta + delta;
    }
    observe("theta", theta);
  }
};
using Adadelta = AdadeltaLane<AdadeltaForm{}>;

template <>
struct LanesOfRule<AdadeltaHyperparameters> : LanesOf<AdadeltaForm, AdadeltaLane> {
  using by_default = Adadelta;
};

}  // namespace truestep::fast::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
