/// One coordinate of NAG: Momentum's lane; what differs is where the caller took the gradient.
struct Nag : Momentum {};

/// The look-ahead point theta + momentum v, with v in the gradient's place and no state.
///
/// fma: one rounding where two would do no good, and the loop waits for memory either way.
struct NagLookAhead {
  static constexpr std::size_t coefficients = 1, states = 0;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>&, const Number& v, const Observer& observe) {
    const auto& [momentum] = coefficient;
    theta = fma(momentum, v, theta);
    observe("look_ahead", theta);
  }
};
