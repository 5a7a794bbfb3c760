#include "adam.hpp"

#include <truestep/fast/call/arguments.hpp>
#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/fast/call/float_environment.hpp>
#include <truestep/fast/coefficients/scaled.hpp>
#include <truestep/fast/call/step.hpp>
#include <truestep/fast/call/tensors.hpp>

namespace truestep::fast {
namespace {

/// 1 - beta1 beta1_decay^(t - 1) = (1 - beta1) + beta1 (1 - beta1_decay^(t - 1)), where nothing
/// cancels.
DoubleDouble weight_of_gradient(const AdamHyperparameters& h, std::uint64_t t) {
  const DoubleDouble w = two_sum(1, -h.beta1);
  if (h.beta1_decay == 1 || t == 1) return w;
  return w + corrections({h.beta1_decay, h.beta1_decay}, t - 1).one_minus_power[0] * h.beta1;
}

template <class T>
[[gnu::noinline]] CoefficientList<T> rounded(const AdamHyperparameters& h, std::uint64_t t) {
  const std::uint64_t n = h.first_power + t - 1;
  const auto [q, root] = n > 0 ? corrections({h.beta1, h.beta2}, n) : Corrections{{1, 1}, 1};
  const DoubleDouble q1 = h.corrects_m ? q[0] : 1, q2 = h.corrects_v ? q[1] : 1;
  const DoubleDouble c_t = h.corrects_v ? root : 1;
  const bool before = h.epsilon_frame == EpsilonFrame::before_correction;
  CoefficientList<T> list;
  list.until = h.corrects_m || h.corrects_v || h.beta1_decay != 1 ? t : largest_t;
  add<T>(list, weight_of_gradient(h, t));
  add<T>(list, two_sum(1, -h.beta2));
  add<T>(list, scaled(h.learning_rate) / q1);
  add<T>(list, choice(h).form.epsilon_in_root ? 1 / q2 : c_t);
  add<T>(list, before ? scaled(h.epsilon) * c_t : scaled(h.epsilon));
  if (choice(h).form.epsilon_in_root)
    add<T>(list, before ? scaled(h.epsilon_root) / q2 : scaled(h.epsilon_root));
  add_weight_decay(list, h);
  return list;
}

}  // namespace

template <class T>
CoefficientList<T> coefficient_list(const AdamHyperparameters& h, std::uint64_t t) {
  require_step_number("adam", t);
  require_scale("adam", "learning_rate", h.learning_rate);
  require_decay("adam", "beta1", h.beta1);
  require_decay("adam", "beta2", h.beta2);
  require_scale("adam", "epsilon", h.epsilon);
  require_scale("adam", "epsilon_root", h.epsilon_root);
  require_first_power("adam", h.first_power);
  require_fraction("adam", "beta1_decay", h.beta1_decay);
  require_weight_decay("adam", h, false);
  const IeeeEnvironment environment;
  return rounded<T>(h, t);
}

template CoefficientList<float> coefficient_list(const AdamHyperparameters&, std::uint64_t);
template CoefficientList<double> coefficient_list(const AdamHyperparameters&, std::uint64_t);
template CoefficientList<DoubleDouble> coefficient_list(const AdamHyperparameters&, std::uint64_t);

namespace {

struct Adam {
  static constexpr const char* name = "adam";
  static constexpr std::size_t least_part = 1024;
  static constexpr bool steps_differ = true;
  template <class T>
  static std::array<State<T>, 3> states(const AdamHyperparameters& h, const AdamTensor<T>& tensor) {
    return {{{"m", tensor.m}, {"v", tensor.v}, {"v_max", tensor.v_max, h.amsgrad}}};
  }
};

}  // namespace

void adam_step(const AdamHyperparameters& h, std::uint64_t t, std::span<float> theta,
               std::span<float> m, std::span<float> v, std::span<const float> gradient,
               std::span<float> v_max) {
  step<Adam, AdamTensor, float>(h, t, theta, m, v, gradient, v_max);
}

void adam_step(const AdamHyperparameters& h, std::uint64_t t, std::span<double> theta,
               std::span<double> m, std::span<double> v, std::span<const double> gradient,
               std::span<double> v_max) {
  step<Adam, AdamTensor, double>(h, t, theta, m, v, gradient, v_max);
}

void adam_step(const AdamHyperparameters& h, std::uint64_t t,
               std::span<const AdamTensor<float>> tensors, Executor executor) {
  step_each<Adam>(h, t, tensors, executor);
}

void adam_step(const AdamHyperparameters& h, std::uint64_t t,
               std::span<const AdamTensor<double>> tensors, Executor executor) {
  step_each<Adam>(h, t, tensors, executor);
}

void adam_replay(const AdamHyperparameters& h, std::uint64_t t, const AdamTensor<float>& tensor,
                 std::span<const std::span<const float>> gradients, Executor executor) {
  replay<Adam>(h, t, tensor, gradients, executor);
}

void adam_replay(const AdamHyperparameters& h, std::uint64_t t, const AdamTensor<double>& tensor,
                 std::span<const std::span<const double>> gradients, Executor executor) {
  replay<Adam>(h, t, tensor, gradients, executor);
}

}  // namespace truestep::fast
