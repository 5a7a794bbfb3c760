/// One coordinate of RMSprop, w = 1 - rho, or 1 at the first step, which forgets the state:
///   s' = (1 - w) s + w g^2 + epsilon,  theta' = theta - learning_rate g / sqrt(s').
///
///   order                                  error   drift of s   time
///   fma(-w, s, s) + fma(w g, g, epsilon)   3.8     3 / 13       1      chosen
///   fma(w g, g, fma(-w, s, s)) + epsilon   3.8     7 / 19       1
///   fma(rho, s, w (g g)) + epsilon         3.4     9 / 20       1
///   fma(w, fma(g, g, -s), s) + epsilon     85      6 / 16       1      fails at w = 1
///
/// The order of the update matters little, as in Adagrad (errors 3.6 to 3.7, times within 1 %).
struct Rmsprop {
  static constexpr std::size_t coefficients = 3, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const auto& [w, learning_rate, epsilon] = coefficient;
    auto& [s] = state;
    s = decay(w, s) + fma(w * gradient, gradient, epsilon);
    observe("s", s);
    const Number sigma = sqrt(s);
    observe("sigma", sigma);
    const Number update = learning_rate * gradient / sigma;
    observe("update", update);
    theta = theta - update;
    observe("theta", theta);
  }
};
