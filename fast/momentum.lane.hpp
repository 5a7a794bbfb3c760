/// One coordinate of Momentum: v' = momentum v - learning_rate g, theta' = theta + v'.
///
///   order                                  error   drift of v   time
///   momentum v - learning_rate g           2.5     6 / 21       1      chosen
///   fma(momentum, v, -(learning_rate g))   2.5     5 / 13       1
///   fma(-learning_rate, g, momentum v)     2.4     5 / 21       1
///
/// theta drifts alike (60, 2235). A fused order gains next to nothing, and costs 10 ns and more per
/// element on targets without the instruction.
struct Momentum {
  static constexpr std::size_t coefficients = 2, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const auto& [momentum, learning_rate] = coefficient;
    auto& [v] = state;
    v = momentum * v - learning_rate * gradient;
    observe("v", v);
    theta = theta + v;
    observe("theta", theta);
  }
};
