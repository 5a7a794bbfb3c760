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

struct Nag;

/// Each stands for exactly the real number that the double is, for float spans too.
struct NagHyperparameters {
  using Rule = Nag;

  double learning_rate = 0.01;  ///< [0, 2^64], in the unit of theta / gradient
  double momentum = 0.9;        ///< [0, 1)
  double dampening = 0;         ///< [0, 1]
  NesterovForm nesterov = NesterovForm::look_ahead;
  LearningRateSite learning_rate_site = LearningRateSite::buffer;
  FirstBuffer first_buffer = FirstBuffer::recurrence;
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  DecayPoint weight_decay_point = DecayPoint::stored;
  double learning_rate_decay = 0;  ///< [0, 2^64]
  StepSign step_sign = StepSign::descent;

  friend bool operator==(const NagHyperparameters&, const NagHyperparameters&) = default;
};

template <class T>
struct NagTensor {
  using Hyperparameters = NagHyperparameters;
  using Element = T;

  std::span<T> theta = {}, v = {};
  std::span<const T> gradient = {};
};

/// One step of Nesterov's accelerated gradient, in place:
///
///     v     <- momentum v - learning_rate gradient(theta + momentum v)
///     theta <- theta + v
///
/// (Sutskever, Martens, Dahl, Hinton 2013, equations 3 and 4). The recurrences are Momentum's; what
/// differs is that `gradient` was taken at the point that look_ahead writes. Frameworks take
/// the gradient at the stored point and store phi = theta + momentum v instead: with p the
/// gradient's undampened share, -learning_rate gradient, phi moves by momentum v + p
/// (NesterovForm::stored_point; unrolled and difference are the same map), and in Chainer by
/// momentum^2 v + (1 + momentum) p (squared_momentum). Learning rate, dampening and first buffer
/// are Momentum's; convention<NagHyperparameters>("pytorch") of conventions.hpp has PyTorch's
/// choices. Weight decay: as for Adam.
///
/// @param v         velocity, unit of theta; 0 before the first step
/// @param gradient  gradient at theta + momentum v, or at theta in the other forms
///
/// Error, besides what step.hpp says: measured in float over 10^5 random steps (truestep_orders):
/// at most 2.5 u for v, and 1.9 u for the look-ahead point, u = 2^-24, of the magnitudes added up.
struct Nag {
  static constexpr const char* name = "nag";
  using Hyperparameters = NagHyperparameters;
  template <class T>
  using Tensor = NagTensor<T>;

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
      NamedChoice{"nesterov", &H::nesterov, "where the gradient is taken, and what moves theta"},
      NamedChoice{"learning_rate_site", &H::learning_rate_site,
                  "what the buffer holds: moves of theta, or sums of gradients"},
      NamedChoice{"first_buffer", &H::first_buffer, "the buffer after the first step"},
      NamedChoice{"weight_decay_place", &H::weight_decay_place, "where weight decay goes"},
      NamedChoice{"weight_decay_time", &H::weight_decay_time,
                  "whether decoupled weight decay comes before the step or after it"},
      NamedChoice{"weight_decay_scale", &H::weight_decay_scale,
                  "what decoupled weight decay is multiplied by"},
      NamedChoice{"weight_decay_point", &H::weight_decay_point,
                  "whose theta decays into the gradient"},
      NamedChoice{"step_sign", &H::step_sign, "whether the step goes down or up"}};

  template <class T>
  static constexpr std::array<NamedState<Tensor<T>>, 1> states{{{"v", &NagTensor<T>::v}}};

  /// Elements that take about as long as a helping thread needs to begin and to answer.
  static constexpr std::size_t least_part = 4096;
  /// Whether coefficients depend on t in most versions.
  static constexpr bool steps_differ = false;
};

/// The arrays of look_ahead, of one length.
template <class T>
struct LookAhead {
  std::span<const T> theta = {}, v = {};
  std::span<T> point = {};
};

/// The point at which NAG takes its gradient: point <- theta + momentum v, or theta - learning_rate
/// momentum v with the learning rate outside the buffer. Lengths, overlap, bits and errors are
/// those of step.
template <class T>
[[gnu::visibility("default")]] void look_ahead(const NagHyperparameters&,
                                               const LookAhead<T>& arrays);

// The calls of release 0.1, for one release more.

template <class Theta, class Second, class Third, class... More>
[[deprecated("call step")]] void nag_step(const NagHyperparameters& h, std::uint64_t t,
                                          Theta&& theta, Second&& second, Third&& third,
                                          More&&... more) {
  step(h, t, NagTensor<std::ranges::range_value_t<Theta>>{theta, second, third, more...});
}
template <std::ranges::contiguous_range Tensors>
[[deprecated("call step")]] void nag_step(const NagHyperparameters& h, std::uint64_t t,
                                          const Tensors& tensors,
                                          Executor executor = calling_thread()) {
  step(h, t, tensors, executor);
}
template <class T>
[[deprecated("call replay")]] void nag_replay(
    const NagHyperparameters& h, std::uint64_t t, const NagTensor<T>& tensor,
    std::span<const std::type_identity_t<std::span<const T>>> gradients,
    Executor executor = calling_thread()) {
  replay(h, t, tensor, gradients, executor);
}
template <class Theta, class V, class Point>
[[deprecated("call look_ahead")]] void nag_look_ahead(const NagHyperparameters& h, Theta&& theta,
                                                      V&& v, Point&& point) {
  look_ahead(h, LookAhead<std::ranges::range_value_t<Point>>{theta, v, point});
}

}  // namespace truestep::fast

#pragma GCC visibility pop
