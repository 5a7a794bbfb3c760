#include "adadelta.hpp"

#include "coefficients.hpp"
#include "double_double.hpp"
#include "step.hpp"

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] std::array<T, lane::Adadelta::coefficients> rounded(
    const AdadeltaHyperparameters& h) {
  return {round_to<T>(two_sum(1, -h.rho)), round_to<T>(h.epsilon)};
}

}  // namespace

template <class T>
std::array<T, lane::Adadelta::coefficients> coefficients(const AdadeltaHyperparameters& h,
                                                         std::uint64_t t) {
  require_step_number("adadelta", t);
  require_decay("adadelta", "rho", h.rho);
  require_scale("adadelta", "epsilon", h.epsilon);
  const IeeeEnvironment environment;
  return rounded<T>(h);
}

template std::array<float, lane::Adadelta::coefficients> coefficients(
    const AdadeltaHyperparameters&, std::uint64_t);
template std::array<double, lane::Adadelta::coefficients> coefficients(
    const AdadeltaHyperparameters&, std::uint64_t);
template std::array<DoubleDouble, lane::Adadelta::coefficients> coefficients(
    const AdadeltaHyperparameters&, std::uint64_t);

void adadelta_step(const AdadeltaHyperparameters& h, std::uint64_t t, std::span<float> theta,
                   std::span<float> s, std::span<float> u, std::span<const float> gradient) {
  step<lane::Adadelta, float>("adadelta", coefficients<float>(h, t), theta, {{{"s", s}, {"u", u}}},
                              gradient);
}

void adadelta_step(const AdadeltaHyperparameters& h, std::uint64_t t, std::span<double> theta,
                   std::span<double> s, std::span<double> u, std::span<const double> gradient) {
  step<lane::Adadelta, double>("adadelta", coefficients<double>(h, t), theta,
                               {{{"s", s}, {"u", u}}}, gradient);
}

}  // namespace truestep::fast
