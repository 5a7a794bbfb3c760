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

struct Adadelta;

/// Each stands for exactly the real number that the double is, for float spans too.
struct AdadeltaHyperparameters {
  using Rule = Adadelta;

  double learning_rate = 1;         ///< [0, 2^64]
  double rho = 0.95;                ///< [0, 1)
  double epsilon = 1e-6;            ///< [0, 2^64], added to both mean squares
  bool accumulates_scaled = false;  ///< u sees learning_rate delta instead of delta
  StateUsed state_used = StateUsed::current;
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  double learning_rate_decay = 0;  ///< [0, 2^64]
  StepSign step_sign = StepSign::descent;

  friend bool operator==(const AdadeltaHyperparameters&, const AdadeltaHyperparameters&) = default;
};

template <class T>
struct AdadeltaTensor {
  using Hyperparameters = AdadeltaHyperparameters;
  using Element = T;

  std::span<T> theta = {}, s = {}, u = {};
  std::span<const T> gradient = {};
};

/// One step of Adadelta, in place:
///
///     s     <- rho s + (1 - rho) gradient^2
///     delta  = -sqrt(u + epsilon) / sqrt(s + epsilon) gradient
///     u     <- rho u + (1 - rho) delta^2
///     theta <- theta + learning_rate delta
///
/// (Zeiler 2012, Algorithm 1, which has no learning rate). convention<AdadeltaHyperparameters>(
/// "keras3") of conventions.hpp has Keras's numbers, and so on. Weight decay: as for Adam.
///
/// @param s         mean square of the gradient, non-negative; 0 before the first step
/// @param u         mean square of the step delta, non-negative; 0 before the first step
/// @param gradient  gradient at theta
///
/// A zero denominator (s + epsilon = 0) gives IEEE's 0 / 0 = NaN. Negative mean squares give what
/// the arithmetic gives. Where the ratio (u + epsilon) / (s + epsilon) is a subnormal number it
/// loses precision, and so does the step.
///
/// Error, besides what step.hpp says: measured in float over 10^5 random steps (truestep_orders):
/// at most 5.3 u for s, 5.9 u for u and 3.3 u for delta, u = 2^-24, of the magnitudes added up. A
/// rho of at most 2^-25 in float, 2^-54 in double, acts as 0, because 1 - rho rounds to 1.
struct Adadelta {
  static constexpr const char* name = "adadelta";
  using Hyperparameters = AdadeltaHyperparameters;
  template <class T>
  using Tensor = AdadeltaTensor<T>;

  using H = Hyperparameters;
  static constexpr std::tuple members{
      NamedNumber{"learning_rate", &H::learning_rate, Domain::scale, Part::some_versions, "1",
                  "the learning rate"},
      NamedNumber{"rho", &H::rho, Domain::weight, Part::every_version, "1",
                  "the weight of the past in both means"},
      NamedNumber{"epsilon", &H::epsilon, Domain::scale, Part::every_version,
                  "gradient^2 and theta^2", "what is added to both mean squares"},
      NamedNumber{"weight_decay", &H::weight_decay, Domain::scale, Part::some_versions,
                  "gradient / theta", "the amount of weight decay"},
      NamedNumber{"learning_rate_decay", &H::learning_rate_decay, Domain::scale,
                  Part::some_versions, "1",
                  "step t has learning_rate / (1 + (t - 1) learning_rate_decay)"},
      NamedChoice{"accumulates_scaled", &H::accumulates_scaled,
                  "whether u sees learning_rate delta instead of delta"},
      NamedChoice{"state_used", &H::state_used, "the mean of squares that a step divides by"},
      NamedChoice{"weight_decay_place", &H::weight_decay_place, "where weight decay goes"},
      NamedChoice{"weight_decay_time", &H::weight_decay_time,
                  "whether decoupled weight decay comes before the step or after it"},
      NamedChoice{"weight_decay_scale", &H::weight_decay_scale,
                  "what decoupled weight decay is multiplied by"},
      NamedChoice{"step_sign", &H::step_sign, "whether the step goes down or up"}};

  template <class T>
  static constexpr std::array<NamedState<Tensor<T>>, 2> states{
      {{"s", &AdadeltaTensor<T>::s}, {"u", &AdadeltaTensor<T>::u}}};

  /// Elements that take about as long as a helping thread needs to begin and to answer.
  static constexpr std::size_t least_part = 1024;
  /// Whether coefficients depend on t in most versions.
  static constexpr bool steps_differ = false;
};

// The calls of release 0.1, for one release more.

template <class Theta, class Second, class Third, class... More>
[[deprecated("call step")]] void adadelta_step(const AdadeltaHyperparameters& h, std::uint64_t t,
                                               Theta&& theta, Second&& second, Third&& third,
                                               More&&... more) {
  step(h, t, AdadeltaTensor<std::ranges::range_value_t<Theta>>{theta, second, third, more...});
}
template <std::ranges::contiguous_range Tensors>
[[deprecated("call step")]] void adadelta_step(const AdadeltaHyperparameters& h, std::uint64_t t,
                                               const Tensors& tensors,
                                               Executor executor = calling_thread()) {
  step(h, t, tensors, executor);
}
template <class T>
[[deprecated("call replay")]] void adadelta_replay(
    const AdadeltaHyperparameters& h, std::uint64_t t, const AdadeltaTensor<T>& tensor,
    std::span<const std::type_identity_t<std::span<const T>>> gradients,
    Executor executor = calling_thread()) {
  replay(h, t, tensor, gradients, executor);
}

}  // namespace truestep::fast

#pragma GCC visibility pop
