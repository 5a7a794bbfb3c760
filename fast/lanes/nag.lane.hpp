// SPDX-License-Identifier: Apache-2.0
#include "namespace.hpp"

#if defined(TRUESTEP_FAST_LANES_NAG_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_FAST_LANES_NAG_LANE
#undef TRUESTEP_FAST_LANES_NAG_LANE
#else
#define TRUESTEP_FAST_LANES_NAG_LANE
#endif

#include "nag.hpp"
#include "momentum.lane.hpp"
#include "rule.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::fast::TRUESTEP_LANE_NAMESPACE {

/// One coordinate of NAG: Momentum's lane; what differs is where the caller took the gradient.
struct Nag : Momentum {};

/// The look-ahead point theta + momentum v, with v in the gradient's place and no state.
///
///   order                      error
///   theta + momentum v         1.9     chosen
///   fma(momentum, v, theta)    1.6
///
/// in u of abs(theta) + momentum abs(v). The difference is a rounding of momentum v, which training
/// keeps far below one of theta. Time is the same within noise, and without fma NAG runs at full
/// speed on every target.
struct NagLookAhead {
  static constexpr std::size_t coefficients = 1, states = 0;
  static constexpr std::array<std::string_view, coefficients> coefficient_names{"momentum"};
  static constexpr std::array<std::string_view, states> state_names{};
  static constexpr bool takes_root = false;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>&, const Number& v, const Observer& observe) {
    const auto& [momentum] = coefficient;
    theta = theta + momentum * v;
    observe("look_ahead", theta);
  }
};

/// Besides its lanes, NAG has the look-ahead point's.
template <>
struct LanesOfRule<NagHyperparameters> : LanesOf<MomentumForm, MomentumLane> {
  using by_default = Nag;
  using besides = std::tuple<NagLookAhead>;
};

}  // namespace truestep::fast::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
