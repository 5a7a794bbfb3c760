#include "rmsprop.hpp"

#include "coefficients.hpp"
#include "double_double.hpp"
#include "step.hpp"

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] std::array<T, lane::Rmsprop::coefficients> rounded(
    const RmspropHyperparameters& h, std::uint64_t t) {
  const DoubleDouble w = t == 1 ? 1 : two_sum(1, -h.rho);
  return {round_to<T>(w), round_to<T>(h.learning_rate), round_to<T>(h.epsilon)};
}

}  // namespace

template <class T>
std::array<T, lane::Rmsprop::coefficients> coefficients(const RmspropHyperparameters& h,
                                                        std::uint64_t t) {
  require_step_number("rmsprop", t);
  require_scale("rmsprop", "learning_rate", h.learning_rate);
  require_decay("rmsprop", "rho", h.rho);
  require_scale("rmsprop", "epsilon", h.epsilon);
  const IeeeEnvironment environment;
  return rounded<T>(h, t);
}

template std::array<float, lane::Rmsprop::coefficients> coefficients(const RmspropHyperparameters&,
                                                                     std::uint64_t);
template std::array<double, lane::Rmsprop::coefficients> coefficients(const RmspropHyperparameters&,
                                                                      std::uint64_t);
template std::array<DoubleDouble, lane::Rmsprop::coefficients> coefficients(
    const RmspropHyperparameters&, std::uint64_t);

void rmsprop_step(const RmspropHyperparameters& h, std::uint64_t t, std::span<float> theta,
                  std::span<float> s, std::span<const float> gradient) {
  step<lane::Rmsprop, float>("rmsprop", coefficients<float>(h, t), theta, {{{"s", s}}}, gradient);
}

void rmsprop_step(const RmspropHyperparameters& h, std::uint64_t t, std::span<double> theta,
                  std::span<double> s, std::span<const double> gradient) {
  step<lane::Rmsprop, double>("rmsprop", coefficients<double>(h, t), theta, {{{"s", s}}}, gradient);
}

}  // namespace truestep::fast
