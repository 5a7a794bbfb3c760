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
