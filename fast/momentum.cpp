#include "momentum.hpp"

#include <truestep/fast/call/arguments.hpp>
#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/fast/call/float_environment.hpp>
#include <truestep/fast/coefficients/scaled.hpp>
#include <truestep/fast/call/step.hpp>
#include <truestep/fast/call/tensors.hpp>

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] CoefficientList<T> rounded(const MomentumHyperparameters& h, std::uint64_t t) {
  const bool inside = h.learning_rate_site == LearningRateSite::buffer;
  const bool begins = h.first_buffer == FirstBuffer::gradient && t == 1;
  const Scaled learning_rate = scaled(h.learning_rate);
  const Scaled momentum = scaled(begins ? 0 : h.momentum);
  const DoubleDouble undampened = begins ? 1 : two_sum(1, -h.dampening);
  CoefficientList<T> list;
  list.until = begins ? 1 : largest_t;
  add<T>(list, momentum);
  if (inside) {
    add<T>(list, learning_rate * undampened);
  } else {
    add<T>(list, undampened);
    add<T>(list, learning_rate);
  }
  add_weight_decay(list, h);
  return list;
}

}  // namespace

template <class T>
CoefficientList<T> coefficient_list(const MomentumHyperparameters& h, std::uint64_t t) {
  require_step_number("momentum", t);
  require_scale("momentum", "learning_rate", h.learning_rate);
  require_decay("momentum", "momentum", h.momentum);
  require_fraction("momentum", "dampening", h.dampening);
  require_weight_decay("momentum", h, false);
  const IeeeEnvironment environment;
  return rounded<T>(h, t);
}

template CoefficientList<float> coefficient_list(const MomentumHyperparameters&, std::uint64_t);
template CoefficientList<double> coefficient_list(const MomentumHyperparameters&, std::uint64_t);
template CoefficientList<DoubleDouble> coefficient_list(const MomentumHyperparameters&,
                                                        std::uint64_t);

namespace {

struct Momentum {
  static constexpr const char* name = "momentum";
  static constexpr std::size_t least_part = 4096;
  static constexpr bool steps_differ = false;
  template <class T>
  static std::array<State<T>, 1> states(const MomentumHyperparameters&,
                                        const MomentumTensor<T>& tensor) {
    return {{{"v", tensor.v}}};
  }
};

}  // namespace

void momentum_step(const MomentumHyperparameters& h, std::uint64_t t, std::span<float> theta,
                   std::span<float> v, std::span<const float> gradient) {
  step<Momentum, MomentumTensor, float>(h, t, theta, v, gradient);
}

void momentum_step(const MomentumHyperparameters& h, std::uint64_t t, std::span<double> theta,
                   std::span<double> v, std::span<const double> gradient) {
  step<Momentum, MomentumTensor, double>(h, t, theta, v, gradient);
}

void momentum_step(const MomentumHyperparameters& h, std::uint64_t t,
                   std::span<const MomentumTensor<float>> tensors, Executor executor) {
  step_each<Momentum>(h, t, tensors, executor);
}

void momentum_step(const MomentumHyperparameters& h, std::uint64_t t,
                   std::span<const MomentumTensor<double>> tensors, Executor executor) {
  step_each<Momentum>(h, t, tensors, executor);
}

void momentum_replay(const MomentumHyperparameters& h, std::uint64_t t,
                     const MomentumTensor<float>& tensor,
                     std::span<const std::span<const float>> gradients, Executor executor) {
  replay<Momentum>(h, t, tensor, gradients, executor);
}

void momentum_replay(const MomentumHyperparameters& h, std::uint64_t t,
                     const MomentumTensor<double>& tensor,
                     std::span<const std::span<const double>> gradients, Executor executor) {
  replay<Momentum>(h, t, tensor, gradients, executor);
}

}  // namespace truestep::fast
