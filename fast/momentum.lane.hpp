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
/// of; the unrolled form and the difference of buffers are the same map.
template <MomentumForm form>
struct MomentumLane {
  static constexpr std::size_t coefficients = form.move == Move::buffer          ? 2
                                              : form.move == Move::scaled_buffer ? 3
                                                                                 : 4;
  static constexpr std::size_t states = 1;

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
