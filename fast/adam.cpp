#include "adam.hpp"

#include "coefficients.hpp"
#include "double_double.hpp"
#include "step.hpp"

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] std::array<T, lane::Adam::coefficients> rounded(const AdamHyperparameters& h,
                                                                  std::uint64_t t) {
  // The learning rate's exponent stays apart, so that a tiny one leaves no partial product
  // subnormal.
  int exponent = 0;
  const double fraction = std::frexp(h.learning_rate, &exponent);
  const auto [q1, q2] = one_minus_powers({h.beta1, h.beta2}, t);
  const DoubleDouble alpha_t = fraction / q1;
  const DoubleDouble c_t = 1 / sqrt(q2);
  return {round_to<T>(two_sum(1, -h.beta1)), round_to<T>(two_sum(1, -h.beta2)),
          round_to<T>(alpha_t, exponent), round_to<T>(c_t), round_to<T>(h.epsilon)};
}

}  // namespace

template <class T>
std::array<T, lane::Adam::coefficients> coefficients(const AdamHyperparameters& h,
                                                     std::uint64_t t) {
  require_step_number("adam", t);
  require_scale("adam", "learning_rate", h.learning_rate);
  require_decay("adam", "beta1", h.beta1);
  require_decay("adam", "beta2", h.beta2);
  require_scale("adam", "epsilon", h.epsilon);
  const IeeeEnvironment environment;
  return rounded<T>(h, t);
}

template std::array<float, lane::Adam::coefficients> coefficients(const AdamHyperparameters&,
                                                                  std::uint64_t);
template std::array<double, lane::Adam::coefficients> coefficients(const AdamHyperparameters&,
                                                                   std::uint64_t);
template std::array<DoubleDouble, lane::Adam::coefficients> coefficients(const AdamHyperparameters&,
                                                                         std::uint64_t);

void adam_step(const AdamHyperparameters& h, std::uint64_t t, std::span<float> theta,
               std::span<float> m, std::span<float> v, std::span<const float> gradient) {
  step<lane::Adam, float>("adam", coefficients<float>(h, t), theta, {{{"m", m}, {"v", v}}},
                          gradient);
}

void adam_step(const AdamHyperparameters& h, std::uint64_t t, std::span<double> theta,
               std::span<double> m, std::span<double> v, std::span<const double> gradient) {
  step<lane::Adam, double>("adam", coefficients<double>(h, t), theta, {{{"m", m}, {"v", v}}},
                           gradient);
}

}  // namespace truestep::fast
