/// One coordinate of Adagrad:
///   sum' = sum + g^2,  theta' = theta - learning_rate g / sqrt(sum' + epsilon).
struct Adagrad {
  static constexpr std::size_t coefficients = 2, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const auto& [learning_rate, epsilon] = coefficient;
    auto& [sum] = state;
    sum = fma(gradient, gradient, sum);
    observe("sum", sum);
    const Number denominator = sqrt(sum + epsilon);
    observe("denominator", denominator);
    const Number update = learning_rate * gradient / denominator;
    observe("update", update);
    theta = theta - update;
    observe("theta", theta);
  }
};
