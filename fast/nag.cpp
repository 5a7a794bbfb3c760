#include "nag.hpp"

#include "coefficients.hpp"
#include "double_double.hpp"
#include "step.hpp"

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] std::array<T, lane::Nag::coefficients> rounded(const NagHyperparameters& h) {
  return {round_to<T>(h.momentum), round_to<T>(h.learning_rate)};
}

}  // namespace

template <class T>
std::array<T, lane::Nag::coefficients> coefficients(const NagHyperparameters& h, std::uint64_t t) {
  require_step_number("nag", t);
  require_scale("nag", "learning_rate", h.learning_rate);
  require_decay("nag", "momentum", h.momentum);
  const IeeeEnvironment environment;
  return rounded<T>(h);
}

template std::array<float, lane::Nag::coefficients> coefficients(const NagHyperparameters&,
                                                                 std::uint64_t);
template std::array<double, lane::Nag::coefficients> coefficients(const NagHyperparameters&,
                                                                  std::uint64_t);
template std::array<DoubleDouble, lane::Nag::coefficients> coefficients(const NagHyperparameters&,
                                                                        std::uint64_t);

void nag_step(const NagHyperparameters& h, std::uint64_t t, std::span<float> theta,
              std::span<float> v, std::span<const float> gradient) {
  step<lane::Nag, float>("nag", coefficients<float>(h, t), theta, {{{"v", v}}}, gradient);
}

void nag_step(const NagHyperparameters& h, std::uint64_t t, std::span<double> theta,
              std::span<double> v, std::span<const double> gradient) {
  step<lane::Nag, double>("nag", coefficients<double>(h, t), theta, {{{"v", v}}}, gradient);
}

namespace {

template <class T>
void look_ahead(const NagHyperparameters& h, std::span<const T> theta, std::span<const T> v,
                std::span<T> point) {
  const T momentum = coefficients<T>(h, 1).front();
  require_disjoint(
      "nag", std::array{NamedSpan("theta", theta), NamedSpan("v", v), NamedSpan("point", point)});
  const IeeeEnvironment environment;
  kernel<T>(lane_index<lane::NagLookAhead>)(&momentum, theta.data(), point.data(), nullptr,
                                            v.data(), theta.size());
}

}  // namespace

void nag_look_ahead(const NagHyperparameters& h, std::span<const float> theta,
                    std::span<const float> v, std::span<float> point) {
  look_ahead(h, theta, v, point);
}

void nag_look_ahead(const NagHyperparameters& h, std::span<const double> theta,
                    std::span<const double> v, std::span<double> point) {
  look_ahead(h, theta, v, point);
}

}  // namespace truestep::fast
