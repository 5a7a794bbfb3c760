#include "rmsprop.hpp"

#include <truestep/fast/call/arguments.hpp>
#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/fast/call/float_environment.hpp>
#include <truestep/fast/coefficients/scaled.hpp>
#include <truestep/fast/call/step.hpp>
#include <truestep/fast/call/tensors.hpp>

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] CoefficientList<T> rounded(const RmspropHyperparameters& h, std::uint64_t t) {
  const auto form = choice(h).form;
  const bool begins = h.start == Start::first_square && t == 1;
  const bool inside = h.learning_rate_site == LearningRateSite::buffer;
  const DoubleDouble w = two_sum(1, -h.rho);
  const Scaled learning_rate = scaled(h.learning_rate), one(1);
  CoefficientList<T> list;
  list.until = form.corrected || begins ? t : largest_t;
  add<T>(list, begins ? 1 : w);
  add<T>(list, inside || !form.buffered ? learning_rate : one);
  add<T>(list, scaled(h.epsilon));
  if (form.corrected) {
    const auto [q, root] = corrections({h.rho, h.rho}, t);
    add<T>(list, 1 / q[1]);
    add<T>(list, root);
  }
  if (form.centered) add<T>(list, w);
  if (form.buffered) {
    add<T>(list, scaled(h.momentum));
    add<T>(list, inside ? one : learning_rate);
  }
  add_weight_decay(list, h);
  return list;
}

}  // namespace

template <class T>
CoefficientList<T> coefficient_list(const RmspropHyperparameters& h, std::uint64_t t) {
  require_step_number("rmsprop", t);
  require_scale("rmsprop", "learning_rate", h.learning_rate);
  require_decay("rmsprop", "rho", h.rho);
  require_scale("rmsprop", "epsilon", h.epsilon);
  require_scale("rmsprop", "initial_accumulator", h.initial_accumulator);
  require_decay("rmsprop", "momentum", h.momentum);
  require_weight_decay("rmsprop", h, false);
  const bool in_state = h.epsilon_place == EpsilonPlace::in_state;
  require_sense(!in_state || !h.centered, "rmsprop",
                "a centered mean square has no room for epsilon in the state");
  require_sense(!in_state || !h.corrected, "rmsprop",
                "the correction would magnify an epsilon in the state");
  require_sense(h.start != Start::first_square || !h.corrected, "rmsprop",
                "a mean that starts at the first square has no bias to correct");
  const IeeeEnvironment environment;
  return rounded<T>(h, t);
}

template CoefficientList<float> coefficient_list(const RmspropHyperparameters&, std::uint64_t);
template CoefficientList<double> coefficient_list(const RmspropHyperparameters&, std::uint64_t);
template CoefficientList<DoubleDouble> coefficient_list(const RmspropHyperparameters&,
                                                        std::uint64_t);

namespace {

struct Rmsprop {
  static constexpr const char* name = "rmsprop";
  static constexpr std::size_t least_part = 1024;
  static constexpr bool steps_differ = false;
  template <class T>
  static std::array<State<T>, 3> states(const RmspropHyperparameters& h,
                                        const RmspropTensor<T>& tensor) {
    return {{{"s", tensor.s}, {"mean", tensor.mean, h.centered}, {"v", tensor.v, h.momentum != 0}}};
  }
};

}  // namespace

void rmsprop_step(const RmspropHyperparameters& h, std::uint64_t t, std::span<float> theta,
                  std::span<float> s, std::span<const float> gradient, std::span<float> mean,
                  std::span<float> v) {
  step<Rmsprop, RmspropTensor, float>(h, t, theta, s, gradient, mean, v);
}

void rmsprop_step(const RmspropHyperparameters& h, std::uint64_t t, std::span<double> theta,
                  std::span<double> s, std::span<const double> gradient, std::span<double> mean,
                  std::span<double> v) {
  step<Rmsprop, RmspropTensor, double>(h, t, theta, s, gradient, mean, v);
}

void rmsprop_step(const RmspropHyperparameters& h, std::uint64_t t,
                  std::span<const RmspropTensor<float>> tensors, Executor executor) {
  step_each<Rmsprop>(h, t, tensors, executor);
}

void rmsprop_step(const RmspropHyperparameters& h, std::uint64_t t,
                  std::span<const RmspropTensor<double>> tensors, Executor executor) {
  step_each<Rmsprop>(h, t, tensors, executor);
}

void rmsprop_replay(const RmspropHyperparameters& h, std::uint64_t t,
                    const RmspropTensor<float>& tensor,
                    std::span<const std::span<const float>> gradients, Executor executor) {
  replay<Rmsprop>(h, t, tensor, gradients, executor);
}

void rmsprop_replay(const RmspropHyperparameters& h, std::uint64_t t,
                    const RmspropTensor<double>& tensor,
                    std::span<const std::span<const double>> gradients, Executor executor) {
  replay<Rmsprop>(h, t, tensor, gradients, executor);
}

}  // namespace truestep::fast
