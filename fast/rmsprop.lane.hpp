/// One coordinate of RMSprop, w = 1 - rho, or 1 at the first step, which forgets the state:
///   s' = (1 - w) s + w g^2 + epsilon,  theta' = theta - learning_rate g / sqrt(s').
struct Rmsprop {
  static constexpr std::size_t coefficients = 3, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const auto& [w, learning_rate, epsilon] = coefficient;
    auto& [s] = state;
    s = fma(w * gradient, gradient, decay(w, s)) + epsilon;
    observe("s", s);
    const Number sigma = sqrt(s);
    observe("sigma", sigma);
    const Number update = learning_rate * gradient / sigma;
    observe("update", update);
    theta = theta - update;
    observe("theta", theta);
  }
};
