// SPDX-License-Identifier: Apache-2.0
#include "namespace.hpp"

#if defined(TRUESTEP_FAST_LANES_WEIGHT_DECAY_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_FAST_LANES_WEIGHT_DECAY_LANE
#undef TRUESTEP_FAST_LANES_WEIGHT_DECAY_LANE
#else
#define TRUESTEP_FAST_LANES_WEIGHT_DECAY_LANE
#endif

#include <algorithm>

#include "forms.hpp"
#include "vocabulary.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::fast::TRUESTEP_LANE_NAMESPACE {

/// Weight decay around a lane, whatever the lane. The last coefficient is weight_decay where it
/// goes into the gradient, g + weight_decay theta, and learning_rate weight_decay where it is
/// decoupled, (1 - learning_rate weight_decay) theta; either is one fused operation.
template <class Lane, WeightDecay place>
struct Decayed : Lane {
  static constexpr std::size_t coefficients = Lane::coefficients + 1, states = Lane::states;
  static constexpr auto coefficient_names = [] {
    std::array<std::string_view, coefficients> names;
    std::copy_n(Lane::coefficient_names.begin(), Lane::coefficients, names.begin());
    names.back() = place == WeightDecay::gradient ? "weight_decay" : "amount";
    return names;
  }();

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const Number& amount = coefficient[coefficients - 1];
    const auto inner = first(coefficient, std::make_index_sequence<Lane::coefficients>());
    if constexpr (place == WeightDecay::gradient) {
      const Number decayed = fma(amount, theta, gradient);
      observe("decayed_gradient", decayed);
      Lane::step(inner, theta, state, decayed, observe);
    } else {
      theta = decay(amount, theta);
      observe("decayed_theta", theta);
      Lane::step(inner, theta, state, gradient, observe);
    }
  }

 private:
  template <class Number, std::size_t... Index>
  static std::array<Number, sizeof...(Index)> first(
      const std::array<Number, coefficients>& coefficient, std::index_sequence<Index...>) {
    return {coefficient[Index]...};
  }
};
template <class Lane, WeightDecay place>
using WithDecay = std::conditional_t<place == WeightDecay::none, Lane, Decayed<Lane, place>>;

}  // namespace truestep::fast::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
