// SPDX-License-Identifier: Apache-2.0
#include "namespace.hpp"

#if defined(TRUESTEP_FAST_LANES_MOMENTUM_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_FAST_LANES_MOMENTUM_LANE
#undef TRUESTEP_FAST_LANES_MOMENTUM_LANE
#else
#define TRUESTEP_FAST_LANES_MOMENTUM_LANE
#endif

#include "momentum.hpp"
#include "rule.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::fast::TRUESTEP_LANE_NAMESPACE {

/// One coordinate of Momentum: v' = momentum v - learning_rate g, theta' = theta + v'.
///
///   order                                  error   drift of v   time
///   momentum v - learning_rate g           2.5     6 / 21       1      chosen
///   fma(momentum, v, -(learning_rate g))   2.5     5 / 13       1
///   fma(-learning_rate, g, momentum v)     2.4     5 / 21       1
///
/// theta drifts alike (60, 2235). A fused order gains next to nothing, and costs 10 ns and more per
/// element on targets without the instruction.
///
/// A buffer that holds sums of gradients takes its share of the gradient, gain, from dampening:
///   v' = momentum v + gain g,  theta' = theta - learning_rate v'.
///
/// With the gradient at the stored point, Nesterov's move is p v' + q g, whatever p and q are made
/// of; the unrolled form and the difference of buffers are the same map. Where the learning rate is
/// in the buffer and nothing is dampened, p is momentum and q is gain, so that the move is the
/// recurrence once more,
///   v' = momentum v + gain g,  theta' = theta + (momentum v' + gain g),
/// with one product gain g for both: the sum's results bit for bit, with three products for four.
/// The gain stays -learning_rate, as it is in the sum. Subtracting learning_rate g instead would
/// give a learning rate of 0 other zeros.
template <MomentumForm form>
struct MomentumLane {
  static constexpr std::size_t coefficients = form.move == Move::scaled_buffer ? 3
                                              : form.move == Move::sum         ? 4
                                                                               : 2;
  static constexpr std::size_t states = 1;
  static constexpr auto coefficient_names = names<coefficients>(
      {{true, "momentum"},
       {form.move != Move::buffer, "gain"},
       {form.move == Move::buffer || form.move == Move::scaled_buffer, "learning_rate"},
       {form.move == Move::sum, "p"},
       {form.move == Move::sum, "q"}});
  static constexpr std::array<std::string_view, states> state_names{"v"};
  static constexpr bool takes_root = false;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    auto& [v] = state;
    if constexpr (form.move == Move::buffer) {
      const auto& [momentum, learning_rate] = coefficient;
      v = momentum * v - learning_rate * gradient;
      observe("v", v);
      theta = theta + v;
    } else if constexpr (form.move == Move::scaled_buffer) {
      const auto& [momentum, gain, learning_rate] = coefficient;
      v = momentum * v + gain * gradient;
      observe("v", v);
      theta = theta - learning_rate * v;
    } else if constexpr (form.move == Move::nesterov) {
      const auto& [momentum, gain] = coefficient;
      const Number push = gain * gradient;
      v = momentum * v + push;
      observe("v", v);
      theta = theta + (momentum * v + push);
    } else {
      const auto& [momentum, gain, p, q] = coefficient;
      v = momentum * v + gain * gradient;
      observe("v", v);
      theta = theta + (p * v + q * gradient);
    }
    observe("theta", theta);
  }
};
using Momentum = MomentumLane<MomentumForm{}>;

template <>
struct LanesOfRule<MomentumHyperparameters> : LanesOf<MomentumForm, MomentumLane> {
  using by_default = Momentum;
};

}  // namespace truestep::fast::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
