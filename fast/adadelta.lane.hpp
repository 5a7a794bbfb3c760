/// One coordinate of Adadelta, w = 1 - rho:
///   s' = (1 - w) s + w g^2,  delta = -sqrt((u + epsilon) / (s' + epsilon)) g,
///   u' = (1 - w) u + w delta^2,  theta' = theta + delta.
struct Adadelta {
  static constexpr std::size_t coefficients = 2, states = 2;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const auto& [w, epsilon] = coefficient;
    auto& [s, u] = state;
    s = fma(w * gradient, gradient, decay(w, s));
    observe("s", s);
    const Number rate = sqrt((u + epsilon) / (s + epsilon));
    observe("rate", rate);
    const Number delta = -(rate * gradient);
    observe("delta", delta);
    u = fma(w * delta, delta, decay(w, u));
    observe("u", u);
    theta = theta + delta;
    observe("theta", theta);
  }
};
