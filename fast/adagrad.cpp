#include "adagrad.hpp"

#include <truestep/fast/call/arguments.hpp>
#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/fast/call/float_environment.hpp>
#include <truestep/fast/coefficients/scaled.hpp>
#include <truestep/fast/call/step.hpp>
#include <truestep/fast/call/tensors.hpp>

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] CoefficientList<T> rounded(const AdagradHyperparameters& h, std::uint64_t t) {
  const DoubleDouble slowed = 1 + counted(t - 1) * h.learning_rate_decay;
  CoefficientList<T> list;
  list.until = h.learning_rate_decay == 0 ? largest_t : t;
  add<T>(list, scaled(h.learning_rate) / slowed);
  add<T>(list, scaled(h.epsilon));
  const auto form = choice(h).form;
  if (form.averaged) add<T>(list, two_sum(1, -h.momentum));
  if (form.decays_sum) add<T>(list, scaled(h.weight_decay));
  add_weight_decay(list, h);
  return list;
}

}  // namespace

template <class T>
CoefficientList<T> coefficient_list(const AdagradHyperparameters& h, std::uint64_t t) {
  require_step_number("adagrad", t);
  require_scale("adagrad", "learning_rate", h.learning_rate);
  require_scale("adagrad", "epsilon", h.epsilon);
  require_scale("adagrad", "initial_accumulator", h.initial_accumulator);
  require_scale("adagrad", "learning_rate_decay", h.learning_rate_decay);
  require_decay("adagrad", "momentum", h.momentum);
  require_weight_decay("adagrad", h, true);
  require_sense(h.start != Start::first_square, "adagrad",
                "a sum has no weight by which its first step could forget its start");
  require_sense(h.epsilon_place == EpsilonPlace::inside || h.epsilon_place == EpsilonPlace::outside,
                "adagrad", "epsilon goes inside the root or outside it");
  const IeeeEnvironment environment;
  return rounded<T>(h, t);
}

template CoefficientList<float> coefficient_list(const AdagradHyperparameters&, std::uint64_t);
template CoefficientList<double> coefficient_list(const AdagradHyperparameters&, std::uint64_t);
template CoefficientList<DoubleDouble> coefficient_list(const AdagradHyperparameters&,
                                                        std::uint64_t);

namespace {

struct Adagrad {
  static constexpr const char* name = "adagrad";
  static constexpr std::size_t least_part = 1024;
  static constexpr bool steps_differ = false;
  template <class T>
  static std::array<State<T>, 2> states(const AdagradHyperparameters& h,
                                        const AdagradTensor<T>& tensor) {
    return {{{"sum", tensor.sum}, {"v", tensor.v, choice(h).form.averaged}}};
  }
};

}  // namespace

void adagrad_step(const AdagradHyperparameters& h, std::uint64_t t, std::span<float> theta,
                  std::span<float> sum, std::span<const float> gradient, std::span<float> v) {
  step<Adagrad, AdagradTensor, float>(h, t, theta, sum, gradient, v);
}

void adagrad_step(const AdagradHyperparameters& h, std::uint64_t t, std::span<double> theta,
                  std::span<double> sum, std::span<const double> gradient, std::span<double> v) {
  step<Adagrad, AdagradTensor, double>(h, t, theta, sum, gradient, v);
}

void adagrad_step(const AdagradHyperparameters& h, std::uint64_t t,
                  std::span<const AdagradTensor<float>> tensors, Executor executor) {
  step_each<Adagrad>(h, t, tensors, executor);
}

void adagrad_step(const AdagradHyperparameters& h, std::uint64_t t,
                  std::span<const AdagradTensor<double>> tensors, Executor executor) {
  step_each<Adagrad>(h, t, tensors, executor);
}

void adagrad_replay(const AdagradHyperparameters& h, std::uint64_t t,
                    const AdagradTensor<float>& tensor,
                    std::span<const std::span<const float>> gradients, Executor executor) {
  replay<Adagrad>(h, t, tensor, gradients, executor);
}

void adagrad_replay(const AdagradHyperparameters& h, std::uint64_t t,
                    const AdagradTensor<double>& tensor,
                    std::span<const std::span<const double>> gradients, Executor executor) {
  replay<Adagrad>(h, t, tensor, gradients, executor);
}

}  // namespace truestep::fast
