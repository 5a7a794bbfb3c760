#include "adagrad.hpp"

#include "coefficients.hpp"
#include "double_double.hpp"
#include "step.hpp"

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] std::array<T, lane::Adagrad::coefficients> rounded(
    const AdagradHyperparameters& h) {
  return {round_to<T>(h.learning_rate), round_to<T>(h.epsilon)};
}

}  // namespace

template <class T>
std::array<T, lane::Adagrad::coefficients> coefficients(const AdagradHyperparameters& h,
                                                        std::uint64_t t) {
  require_step_number("adagrad", t);
  require_scale("adagrad", "learning_rate", h.learning_rate);
  require_scale("adagrad", "epsilon", h.epsilon);
  const IeeeEnvironment environment;
  return rounded<T>(h);
}

template std::array<float, lane::Adagrad::coefficients> coefficients(const AdagradHyperparameters&,
                                                                     std::uint64_t);
template std::array<double, lane::Adagrad::coefficients> coefficients(const AdagradHyperparameters&,
                                                                      std::uint64_t);
template std::array<DoubleDouble, lane::Adagrad::coefficients> coefficients(
    const AdagradHyperparameters&, std::uint64_t);

void adagrad_step(const AdagradHyperparameters& h, std::uint64_t t, std::span<float> theta,
                  std::span<float> sum, std::span<const float> gradient) {
  step<lane::Adagrad, float>("adagrad", coefficients<float>(h, t), theta, {{{"sum", sum}}},
                             gradient);
}

void adagrad_step(const AdagradHyperparameters& h, std::uint64_t t, std::span<double> theta,
                  std::span<double> sum, std::span<const double> gradient) {
  step<lane::Adagrad, double>("adagrad", coefficients<double>(h, t), theta, {{{"sum", sum}}},
                              gradient);
}

}  // namespace truestep::fast
