#include "nag.hpp"

#include <truestep/fast/call/arguments.hpp>
#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/fast/call/float_environment.hpp>
#include <truestep/fast/coefficients/scaled.hpp>
#include <truestep/fast/call/step.hpp>
#include <truestep/fast/call/tensors.hpp>

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] CoefficientList<T> rounded(const NagHyperparameters& h, std::uint64_t t) {
  const bool inside = h.learning_rate_site == LearningRateSite::buffer;
  const bool begins = h.first_buffer == FirstBuffer::gradient && t == 1;
  const Scaled learning_rate = scaled(h.learning_rate), momentum = scaled(h.momentum);
  const Scaled undampened(begins ? 1 : two_sum(1, -h.dampening));
  CoefficientList<T> list;
  list.until = begins ? 1 : largest_t;
  add<T>(list, begins ? scaled(0) : momentum);
  if (h.nesterov == NesterovForm::look_ahead && inside) {
    add<T>(list, learning_rate * undampened);
  } else if (h.nesterov == NesterovForm::look_ahead) {
    add<T>(list, undampened);
    add<T>(list, learning_rate);
  } else {
    add<T>(list, inside ? -learning_rate * undampened : undampened);
  }
  if (choice(h).form.move == Move::sum) {
    const bool squared = h.nesterov == NesterovForm::squared_momentum;
    const Scaled of_buffer = squared ? momentum * momentum : momentum;
    const Scaled of_gradient = -learning_rate * (squared ? two_sum(1, h.momentum) : 1);
    add<T>(list, inside ? of_buffer : -learning_rate * of_buffer);
    add<T>(list, of_gradient);
  }
  add_weight_decay(list, h);
  return list;
}

template <class T>
[[gnu::noinline]] T look_ahead_factor(const NagHyperparameters& h) {
  const Scaled momentum = scaled(h.momentum);
  const Scaled factor = h.learning_rate_site == LearningRateSite::buffer
                            ? momentum
                            : -scaled(h.learning_rate) * momentum;
  return round_to<T>(factor.fraction, factor.exponent);
}

}  // namespace

template <class T>
CoefficientList<T> coefficient_list(const NagHyperparameters& h, std::uint64_t t) {
  require_step_number("nag", t);
  require_scale("nag", "learning_rate", h.learning_rate);
  require_decay("nag", "momentum", h.momentum);
  require_fraction("nag", "dampening", h.dampening);
  require_weight_decay("nag", h, false);
  require_sense((h.dampening == 0 && h.first_buffer == FirstBuffer::recurrence) ||
                    h.nesterov == NesterovForm::look_ahead ||
                    h.nesterov == NesterovForm::stored_point,
                "nag", "the unrolled forms assume a buffer without dampening");
  const IeeeEnvironment environment;
  return rounded<T>(h, t);
}

template CoefficientList<float> coefficient_list(const NagHyperparameters&, std::uint64_t);
template CoefficientList<double> coefficient_list(const NagHyperparameters&, std::uint64_t);
template CoefficientList<DoubleDouble> coefficient_list(const NagHyperparameters&, std::uint64_t);

namespace {

struct Nag {
  static constexpr const char* name = "nag";
  static constexpr std::size_t least_part = 4096;
  static constexpr bool steps_differ = false;
  template <class T>
  static std::array<State<T>, 1> states(const NagHyperparameters&, const NagTensor<T>& tensor) {
    return {{{"v", tensor.v}}};
  }
};

}  // namespace

void nag_step(const NagHyperparameters& h, std::uint64_t t, std::span<float> theta,
              std::span<float> v, std::span<const float> gradient) {
  step<Nag, NagTensor, float>(h, t, theta, v, gradient);
}

void nag_step(const NagHyperparameters& h, std::uint64_t t, std::span<double> theta,
              std::span<double> v, std::span<const double> gradient) {
  step<Nag, NagTensor, double>(h, t, theta, v, gradient);
}

void nag_step(const NagHyperparameters& h, std::uint64_t t,
              std::span<const NagTensor<float>> tensors, Executor executor) {
  step_each<Nag>(h, t, tensors, executor);
}

void nag_step(const NagHyperparameters& h, std::uint64_t t,
              std::span<const NagTensor<double>> tensors, Executor executor) {
  step_each<Nag>(h, t, tensors, executor);
}

void nag_replay(const NagHyperparameters& h, std::uint64_t t, const NagTensor<float>& tensor,
                std::span<const std::span<const float>> gradients, Executor executor) {
  replay<Nag>(h, t, tensor, gradients, executor);
}

void nag_replay(const NagHyperparameters& h, std::uint64_t t, const NagTensor<double>& tensor,
                std::span<const std::span<const double>> gradients, Executor executor) {
  replay<Nag>(h, t, tensor, gradients, executor);
}

namespace {

template <class T>
void look_ahead(const NagHyperparameters& h, std::span<const T> theta, std::span<const T> v,
                std::span<T> point) {
  coefficient_list<T>(h, 1);  // refuses bad hyperparameters
  require_disjoint(
      "nag", std::array{NamedSpan("theta", theta), NamedSpan("v", v), NamedSpan("point", point)});
  const IeeeEnvironment environment;
  const T factor = look_ahead_factor<T>(h);
  // A lane without states only reads theta.
  kernels<T, NagHyperparameters>()[kernel_index<NagHyperparameters, lane::NagLookAhead>](
      &factor, const_cast<T*>(theta.data()), v.data(), theta.size(), point.data(), nullptr);
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
