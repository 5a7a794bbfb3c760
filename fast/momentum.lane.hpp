/// One coordinate of Momentum: v' = momentum v - learning_rate g, theta' = theta + v'.
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
