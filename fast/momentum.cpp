#include "momentum.hpp"

#include "coefficients.hpp"
#include "double_double.hpp"
#include "step.hpp"

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] std::array<T, lane::Momentum::coefficients> rounded(
    const MomentumHyperparameters& h) {
  return {round_to<T>(h.momentum), round_to<T>(h.learning_rate)};
}

}  // namespace

template <class T>
std::array<T, lane::Momentum::coefficients> coefficients(const MomentumHyperparameters& h,
                                                         std::uint64_t t) {
  require_step_number("momentum", t);
  require_scale("momentum", "learning_rate", h.learning_rate);
  require_decay("momentum", "momentum", h.momentum);
  const IeeeEnvironment environment;
  return rounded<T>(h);
}

template std::array<float, lane::Momentum::coefficients> coefficients(
    const MomentumHyperparameters&, std::uint64_t);
template std::array<double, lane::Momentum::coefficients> coefficients(
    const MomentumHyperparameters&, std::uint64_t);
template std::array<DoubleDouble, lane::Momentum::coefficients> coefficients(
    const MomentumHyperparameters&, std::uint64_t);

void momentum_step(const MomentumHyperparameters& h, std::uint64_t t, std::span<float> theta,
                   std::span<float> v, std::span<const float> gradient) {
  step<lane::Momentum, float>("momentum", coefficients<float>(h, t), theta, {{{"v", v}}}, gradient);
}

void momentum_step(const MomentumHyperparameters& h, std::uint64_t t, std::span<double> theta,
                   std::span<double> v, std::span<const double> gradient) {
  step<lane::Momentum, double>("momentum", coefficients<double>(h, t), theta, {{{"v", v}}},
                               gradient);
}

}  // namespace truestep::fast
