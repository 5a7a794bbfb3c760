// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <ranges>
#include <span>
#include <tuple>

#include "description.hpp"
#include "step.hpp"

#pragma GCC visibility push(default)

namespace truestep::fast {

struct Adagrad;

/// Each stands for exactly the real number that the double is, for float spans too.
struct AdagradHyperparameters {
  using Rule = Adagrad;

  double learning_rate = 0.01;  ///< [0, 2^64], in the unit of theta
  double epsilon = 1e-8;        ///< [0, 2^64], in the unit of gradient^2 inside, gradient outside
  EpsilonPlace epsilon_place = EpsilonPlace::inside;
  Start start = Start::constant;
  double initial_accumulator =
      0;  ///< [0, 2^64], what the caller fills sum with if start is constant
  double learning_rate_decay = 0;  ///< [0, 2^64]
  std::uint64_t first_count = 0;   ///< [0, 2^16], what the falling rate has counted before t = 1
  ZeroDenominator zero_denominator = ZeroDenominator::divide;
  double momentum = 0;  ///< [0, 1), of a mean of the directions
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  StepSign step_sign = StepSign::descent;

  friend bool operator==(const AdagradHyperparameters&, const AdagradHyperparameters&) = default;
};

template <class T>
struct AdagradTensor {
  using Hyperparameters = AdagradHyperparameters;
  using Element = T;

  std::span<T> theta = {}, sum = {};
  std::span<const T> gradient = {};
  std::span<T> v = {};
};

/// One step of Adagrad, in place, epsilon inside the root:
///
///     sum   <- sum + gradient^2
///     theta <- theta - learning_rate gradient / sqrt(sum + epsilon)
///
/// (Duchi, Hazan, Singer 2011, figure 1, diagonal case, which has delta + sqrt(sum) instead). Most
/// frameworks put epsilon outside the root; TensorFlow 1 and Keras start the sum at 0.1. Step t has
/// learning_rate / (1 + (first_count + t - 1) learning_rate_decay); ONNX lets its caller count from
/// 0 or from 1. With momentum, as in JAX's examples, theta moves by learning_rate v, v <- momentum
/// v + (1 - momentum) gradient / sqrt(...). convention<AdagradHyperparameters>("optax") of
/// conventions.hpp is the rule as Optax has it, and so on; `truestep rules adagrad` prints them
/// all.
///
/// @param sum       sum of squared gradients, non-negative; initial_accumulator or
///                  epsilon before the first step, as start says
/// @param gradient  gradient at theta
/// @param v         with momentum, the mean of the directions, 0 before the first step; else empty
///
/// A zero denominator (sum + epsilon = 0) gives IEEE's 0 / 0 = NaN, unless zero_denominator is
/// no_step; then theta stays where sum is not positive. A negative sum gives what the
/// arithmetic gives.
///
/// Error, besides what step.hpp says: measured in float over 10^5 random steps (truestep_orders):
/// at most 1.0 u for sum and 3.7 u for the move of theta, u = 2^-24, of the magnitudes added up.
///
/// Weight decay: as for Adam; WeightDecay::accumulator puts gradient + weight_decay theta into
/// the sum and moves theta by the gradient alone, as DeepSpeed does.
struct Adagrad {
  static constexpr const char* name = "adagrad";
  using Hyperparameters = AdagradHyperparameters;
  template <class T>
  using Tensor = AdagradTensor<T>;

  using H = Hyperparameters;
  static constexpr std::tuple members{
      NamedNumber{"learning_rate", &H::learning_rate, Domain::scale, Part::every_version, "theta",
                  "the learning rate"},
      NamedNumber{"epsilon", &H::epsilon, Domain::scale, Part::every_version,
                  "gradient^2 inside the root, gradient outside",
                  "what keeps the denominator from 0"},
      NamedNumber{"initial_accumulator", &H::initial_accumulator, Domain::scale, Part::start,
                  "gradient^2", "the sum before the first step, if start is constant"},
      NamedNumber{"learning_rate_decay", &H::learning_rate_decay, Domain::scale,
                  Part::some_versions, "1",
                  "step t has learning_rate / (1 + (first_count + t - 1) learning_rate_decay)"},
      NamedNumber{"first_count", &H::first_count, Domain::count, Part::choice, "1",
                  "what the falling rate has counted before the first step"},
      NamedNumber{"momentum", &H::momentum, Domain::weight, Part::some_versions, "1",
                  "the weight of the past in a mean of the directions"},
      NamedNumber{"weight_decay", &H::weight_decay, Domain::scale, Part::some_versions,
                  "gradient / theta", "the amount of weight decay"},
      NamedChoice{"epsilon_place", &H::epsilon_place, "where epsilon stands"},
      NamedChoice{"start", &H::start, "the accumulator before the first step"},
      NamedChoice{"zero_denominator", &H::zero_denominator, "what an accumulator of 0 makes"},
      NamedChoice{"weight_decay_place", &H::weight_decay_place, "where weight decay goes"},
      NamedChoice{"weight_decay_time", &H::weight_decay_time,
                  "whether decoupled weight decay comes before the step or after it"},
      NamedChoice{"weight_decay_scale", &H::weight_decay_scale,
                  "what decoupled weight decay is multiplied by"},
      NamedChoice{"step_sign", &H::step_sign, "whether the step goes down or up"}};

  template <class T>
  static constexpr std::array<NamedState<Tensor<T>>, 2> states{
      {{"sum", &AdagradTensor<T>::sum},
       {"v", &AdagradTensor<T>::v, [](const H& h) { return h.momentum != 0; }}}};

  /// Elements that take about as long as a helping thread needs to begin and to answer.
  static constexpr std::size_t least_part = 1024;
  /// Whether coefficients depend on t in most versions.
  static constexpr bool steps_differ = false;
};

// The calls of release 0.1, for one release more.

template <class Theta, class Second, class Third, class... More>
[[deprecated("call step")]] void adagrad_step(const AdagradHyperparameters& h, std::uint64_t t,
                                              Theta&& theta, Second&& second, Third&& third,
                                              More&&... more) {
  step(h, t, AdagradTensor<std::ranges::range_value_t<Theta>>{theta, second, third, more...});
}
template <std::ranges::contiguous_range Tensors>
[[deprecated("call step")]] void adagrad_step(const AdagradHyperparameters& h, std::uint64_t t,
                                              const Tensors& tensors,
                                              Executor executor = calling_thread()) {
  step(h, t, tensors, executor);
}
template <class T>
[[deprecated("call replay")]] void adagrad_replay(
    const AdagradHyperparameters& h, std::uint64_t t, const AdagradTensor<T>& tensor,
    std::span<const std::type_identity_t<std::span<const T>>> gradients,
    Executor executor = calling_thread()) {
  replay(h, t, tensor, gradients, executor);
}

}  // namespace truestep::fast

#pragma GCC visibility pop
