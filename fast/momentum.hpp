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

struct Momentum;

/// Each stands for exactly the real number that the double is, for float spans too.
struct MomentumHyperparameters {
  using Rule = Momentum;

  double learning_rate = 0.01;  ///< [0, 2^64], in the unit of theta / gradient
  double momentum = 0.9;        ///< [0, 1)
  double dampening = 0;         ///< [0, 1]
  LearningRateSite learning_rate_site = LearningRateSite::buffer;
  FirstBuffer first_buffer = FirstBuffer::recurrence;
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  double learning_rate_decay = 0;  ///< [0, 2^64]
  StepSign step_sign = StepSign::descent;

  friend bool operator==(const MomentumHyperparameters&, const MomentumHyperparameters&) = default;
};

template <class T>
struct MomentumTensor {
  using Hyperparameters = MomentumHyperparameters;
  using Element = T;

  std::span<T> theta = {}, v = {};
  std::span<const T> gradient = {};
};

/// One step of gradient descent with momentum, in place, the learning rate inside the velocity:
///
///     v     <- momentum v - learning_rate gradient
///     theta <- theta + v
///
/// (Sutskever, Martens, Dahl, Hinton 2013, equations 1 and 2). PyTorch, TensorFlow 1 and Optax keep
/// the learning rate outside, LearningRateSite::step:
///
///     v     <- momentum v + (1 - dampening) gradient
///     theta <- theta - learning_rate v
///
/// the same only while the learning rate is constant. With FirstBuffer::gradient the first step
/// stores the gradient undampened, as PyTorch does. convention<MomentumHyperparameters>("pytorch")
/// of conventions.hpp has all of its choices. Weight decay: as for Adam.
///
/// @param v         velocity, unit of theta, or of gradient with the learning rate outside; 0
/// before the first step
/// @param gradient  gradient at theta
///
/// Error, besides what step.hpp says: measured in float over 10^5 random steps (truestep_orders):
/// at most 2.5 u for v, u = 2^-24, of the magnitudes added up.
struct Momentum {
  static constexpr const char* name = "momentum";
  using Hyperparameters = MomentumHyperparameters;
  template <class T>
  using Tensor = MomentumTensor<T>;

  using H = Hyperparameters;
  static constexpr std::tuple members{
      NamedNumber{"learning_rate", &H::learning_rate, Domain::scale, Part::every_version,
                  "theta / gradient", "the learning rate"},
      NamedNumber{"momentum", &H::momentum, Domain::weight, Part::every_version, "1",
                  "the weight of the previous velocity"},
      NamedNumber{"dampening", &H::dampening, Domain::fraction, Part::some_versions, "1",
                  "what is kept of the gradient's share: 1 - dampening"},
      NamedNumber{"weight_decay", &H::weight_decay, Domain::scale, Part::some_versions,
                  "gradient / theta", "the amount of weight decay"},
      NamedNumber{"learning_rate_decay", &H::learning_rate_decay, Domain::scale,
                  Part::some_versions, "1",
                  "step t has learning_rate / (1 + (t - 1) learning_rate_decay)"},
      NamedChoice{"learning_rate_site", &H::learning_rate_site,
                  "what the buffer holds: moves of theta, or sums of gradients"},
      NamedChoice{"first_buffer", &H::first_buffer, "the buffer after the first step"},
      NamedChoice{"weight_decay_place", &H::weight_decay_place, "where weight decay goes"},
      NamedChoice{"weight_decay_time", &H::weight_decay_time,
                  "whether decoupled weight decay comes before the step or after it"},
      NamedChoice{"weight_decay_scale", &H::weight_decay_scale,
                  "what decoupled weight decay is multiplied by"},
      NamedChoice{"step_sign", &H::step_sign, "whether the step goes down or up"}};

  template <class T>
  static constexpr std::array<NamedState<Tensor<T>>, 1> states{{{"v", &MomentumTensor<T>::v}}};

  /// Elements that take about as long as a helping thread needs to begin and to answer.
  static constexpr std::size_t least_part = 4096;
  /// Whether coefficients depend on t in most versions.
  static constexpr bool steps_differ = false;
};

// The calls of release 0.1, for one release more.

template <class Theta, class Second, class Third, class... More>
[[deprecated("call step")]] void momentum_step(const MomentumHyperparameters& h, std::uint64_t t,
                                               Theta&& theta, Second&& second, Third&& third,
                                               More&&... more) {
  step(h, t, MomentumTensor<std::ranges::range_value_t<Theta>>{theta, second, third, more...});
}
template <std::ranges::contiguous_range Tensors>
[[deprecated("call step")]] void momentum_step(const MomentumHyperparameters& h, std::uint64_t t,
                                               const Tensors& tensors,
                                               Executor executor = calling_thread()) {
  step(h, t, tensors, executor);
}
template <class T>
[[deprecated("call replay")]] void momentum_replay(
    const MomentumHyperparameters& h, std::uint64_t t, const MomentumTensor<T>& tensor,
    std::span<const std::type_identity_t<std::span<const T>>> gradients,
    Executor executor = calling_thread()) {
  replay(h, t, tensor, gradients, executor);
}

}  // namespace truestep::fast

#pragma GCC visibility pop
