/// One coordinate of Adam, w = 1 - beta:
///   m' = (1 - w1) m + w1 g,  v' = (1 - w2) v + w2 g^2,
///   theta' = theta - alpha_t m' / (c_t sqrt(v') + epsilon),
/// alpha_t = learning_rate / (1 - beta1^t) and c_t = 1 / sqrt(1 - beta2^t).
struct Adam {
  static constexpr std::size_t coefficients = 5, states = 2;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const auto& [w1, w2, alpha_t, c_t, epsilon] = coefficient;
    auto& [m, v] = state;
    m = fma(w1, gradient, decay(w1, m));
    observe("m", m);
    v = fma(w2 * gradient, gradient, decay(w2, v));
    observe("v", v);
    const Number numerator = alpha_t * m;
    observe("numerator", numerator);
    const Number denominator = fma(c_t, sqrt(v), epsilon);
    observe("denominator", denominator);
    const Number update = numerator / denominator;
    observe("update", update);
    theta = theta - update;
    observe("theta", theta);
  }
};
