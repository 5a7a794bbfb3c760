#include "adadelta.hpp"

#include <truestep/fast/call/arguments.hpp>
#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/fast/call/float_environment.hpp>
#include <truestep/fast/coefficients/scaled.hpp>
#include <truestep/fast/call/step.hpp>
#include <truestep/fast/call/tensors.hpp>

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] CoefficientList<T> rounded(const AdadeltaHyperparameters& h) {
  CoefficientList<T> list;
  list.until = largest_t;
  add<T>(list, two_sum(1, -h.rho));
  add<T>(list, scaled(h.epsilon));
  if (choice(h).form.scaled) add<T>(list, scaled(h.learning_rate));
  add_weight_decay(list, h);
  return list;
}

}  // namespace

template <class T>
CoefficientList<T> coefficient_list(const AdadeltaHyperparameters& h, std::uint64_t t) {
  require_step_number("adadelta", t);
  require_scale("adadelta", "learning_rate", h.learning_rate);
  require_decay("adadelta", "rho", h.rho);
  require_scale("adadelta", "epsilon", h.epsilon);
  require_weight_decay("adadelta", h, false);
  const IeeeEnvironment environment;
  return rounded<T>(h);
}

template CoefficientList<float> coefficient_list(const AdadeltaHyperparameters&, std::uint64_t);
template CoefficientList<double> coefficient_list(const AdadeltaHyperparameters&, std::uint64_t);
template CoefficientList<DoubleDouble> coefficient_list(const AdadeltaHyperparameters&,
                                                        std::uint64_t);

namespace {

struct Adadelta {
  static constexpr const char* name = "adadelta";
  static constexpr std::size_t least_part = 1024;
  static constexpr bool steps_differ = false;
  template <class T>
  static std::array<State<T>, 2> states(const AdadeltaHyperparameters&,
                                        const AdadeltaTensor<T>& tensor) {
    return {{{"s", tensor.s}, {"u", tensor.u}}};
  }
};

}  // namespace

void adadelta_step(const AdadeltaHyperparameters& h, std::uint64_t t, std::span<float> theta,
                   std::span<float> s, std::span<float> u, std::span<const float> gradient) {
  step<Adadelta, AdadeltaTensor, float>(h, t, theta, s, u, gradient);
}

void adadelta_step(const AdadeltaHyperparameters& h, std::uint64_t t, std::span<double> theta,
                   std::span<double> s, std::span<double> u, std::span<const double> gradient) {
  step<Adadelta, AdadeltaTensor, double>(h, t, theta, s, u, gradient);
}

void adadelta_step(const AdadeltaHyperparameters& h, std::uint64_t t,
                   std::span<const AdadeltaTensor<float>> tensors, Executor executor) {
  step_each<Adadelta>(h, t, tensors, executor);
}

void adadelta_step(const AdadeltaHyperparameters& h, std::uint64_t t,
                   std::span<const AdadeltaTensor<double>> tensors, Executor executor) {
  step_each<Adadelta>(h, t, tensors, executor);
}

void adadelta_replay(const AdadeltaHyperparameters& h, std::uint64_t t,
                     const AdadeltaTensor<float>& tensor,
                     std::span<const std::span<const float>> gradients, Executor executor) {
  replay<Adadelta>(h, t, tensor, gradients, executor);
}

void adadelta_replay(const AdadeltaHyperparameters& h, std::uint64_t t,
                     const AdadeltaTensor<double>& tensor,
                     std::span<const std::span<const double>> gradients, Executor executor) {
  replay<Adadelta>(h, t, tensor, gradients, executor);
}

}  // namespace truestep::fast
