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

struct Rmsprop;

/// Each stands for exactly the real number that the double is, for float spans too.
struct RmspropHyperparameters {
  using Rule = Rmsprop;

  double learning_rate = 0.001;  ///< [0, 2^64], in the unit of theta
  double rho = 0.9;              ///< [0, 1)
  double epsilon = 1e-8;         ///< [0, 2^64], in the unit of gradient^2, of gradient outside
  EpsilonPlace epsilon_place = EpsilonPlace::in_state;
  EpsilonSign epsilon_sign = EpsilonSign::added;
  Start start = Start::first_square;
  double initial_accumulator = 0;  ///< [0, 2^64], what the caller fills s with if start is constant
  bool corrected = false;          ///< the means divided by 1 - rho^t
  bool centered = false;           ///< less the square of the mean
  NegativeVariance negative_variance = NegativeVariance::clamped;
  double momentum = 0;          ///< [0, 1), of the directions
  bool nesterov_trace = false;  ///< theta moves by momentum v and the direction once more
  LearningRateSite learning_rate_site = LearningRateSite::step;
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  double learning_rate_decay = 0;  ///< [0, 2^64]
  StepSign step_sign = StepSign::descent;

  friend bool operator==(const RmspropHyperparameters&, const RmspropHyperparameters&) = default;
};

template <class T>
struct RmspropTensor {
  using Hyperparameters = RmspropHyperparameters;
  using Element = T;

  std::span<T> theta = {}, s = {};
  std::span<const T> gradient = {};
  std::span<T> mean = {}, v = {};
};

/// One step of RMSprop, in place, epsilon in the state:
///
///     s     <- gradient^2 + epsilon                            at t = 1
///     s     <- rho s + (1 - rho) gradient^2 + epsilon          afterwards
///     theta <- theta - learning_rate gradient / sqrt(s)
///
/// so that epsilon, added at every step, grows to epsilon / (1 - rho). No framework does this; they
/// start at s = 0 (TensorFlow 1: at 1) and add epsilon to the root or under it, without storing it:
/// EpsilonPlace, Start. Centered, the denominator has s - mean^2 for s, or 0 where rounding makes
/// that negative, with mean <- rho mean + (1 - rho) gradient. With momentum the quotient q of
/// gradient and denominator goes through a buffer, v <- momentum v + q and theta <- theta -
/// learning_rate v, or with the learning rate inside. convention<RmspropHyperparameters>("pytorch")
/// of conventions.hpp is the rule as PyTorch has it, and so on; `truestep rules rmsprop` prints
/// all.
///
/// @param s         mean square of the gradient with its epsilon, non-negative. The first step
///                  multiplies it by zero: any finite value will do, 0 for instance. With another
///                  Start, what that says.
/// @param gradient  gradient at theta
/// @param mean      where centered, decayed mean of the gradient, 0 before the first step; else
/// empty
/// @param v         with momentum, the buffer, 0 before the first step; else empty
///
/// A zero denominator (s = 0) gives IEEE's 0 / 0 = NaN. A negative s gives what the arithmetic
/// gives.
///
/// Error, besides what step.hpp says: measured in float over 10^5 random steps (truestep_orders):
/// at most 3.9 u for s and 3.7 u for the move of theta, u = 2^-24, of the magnitudes added up. A
/// rho of at most 2^-25 in float, 2^-54 in double, acts as 0, because 1 - rho rounds to 1.
///
/// Weight decay: as for Adam.
struct Rmsprop {
  static constexpr const char* name = "rmsprop";
  using Hyperparameters = RmspropHyperparameters;
  template <class T>
  using Tensor = RmspropTensor<T>;

  using H = Hyperparameters;
  static constexpr std::tuple members{
      NamedNumber{"learning_rate", &H::learning_rate, Domain::scale, Part::every_version, "theta",
                  "the learning rate"},
      NamedNumber{"rho", &H::rho, Domain::weight, Part::every_version, "1",
                  "the weight of the past in the mean square"},
      NamedNumber{"epsilon", &H::epsilon, Domain::scale, Part::every_version,
                  "gradient^2 in the state and inside the root, gradient outside",
                  "what keeps the denominator from 0"},
      NamedNumber{"initial_accumulator", &H::initial_accumulator, Domain::scale, Part::start,
                  "gradient^2", "the mean square before the first step, if start is constant"},
      NamedNumber{"momentum", &H::momentum, Domain::weight, Part::some_versions, "1",
                  "the weight of the past in a buffer of the directions"},
      NamedNumber{"weight_decay", &H::weight_decay, Domain::scale, Part::some_versions,
                  "gradient / theta", "the amount of weight decay"},
      NamedNumber{"learning_rate_decay", &H::learning_rate_decay, Domain::scale,
                  Part::some_versions, "1",
                  "step t has learning_rate / (1 + (t - 1) learning_rate_decay)"},
      NamedChoice{"epsilon_place", &H::epsilon_place, "where epsilon stands"},
      NamedChoice{"start", &H::start, "the accumulator before the first step"},
      NamedChoice{"corrected", &H::corrected, "whether the means are divided by 1 - rho^t"},
      NamedChoice{"centered", &H::centered,
                  "whether the square of the mean is taken from the mean square"},
      NamedChoice{"learning_rate_site", &H::learning_rate_site,
                  "what the buffer holds: moves of theta, or sums of directions"},
      NamedChoice{"epsilon_sign", &H::epsilon_sign, "whether epsilon is added inside the root"},
      NamedChoice{"negative_variance", &H::negative_variance,
                  "what a centered variance below 0 becomes"},
      NamedChoice{"nesterov_trace", &H::nesterov_trace,
                  "whether theta moves by the buffer after next, as Nesterov's gradient does"},
      NamedChoice{"weight_decay_place", &H::weight_decay_place, "where weight decay goes"},
      NamedChoice{"weight_decay_time", &H::weight_decay_time,
                  "whether decoupled weight decay comes before the step or after it"},
      NamedChoice{"weight_decay_scale", &H::weight_decay_scale,
                  "what decoupled weight decay is multiplied by"},
      NamedChoice{"step_sign", &H::step_sign, "whether the step goes down or up"}};

  template <class T>
  static constexpr std::array<NamedState<Tensor<T>>, 3> states{
      {{"s", &RmspropTensor<T>::s},
       {"mean", &RmspropTensor<T>::mean, [](const H& h) { return h.centered; }},
       {"v", &RmspropTensor<T>::v, [](const H& h) { return h.momentum != 0; }}}};

  /// Elements that take about as long as a helping thread needs to begin and to answer.
  static constexpr std::size_t least_part = 1024;
  /// Whether coefficients depend on t in most versions.
  static constexpr bool steps_differ = false;
};

// The calls of release 0.1, for one release more.

template <class Theta, class Second, class Third, class... More>
[[deprecated("call step")]] void rmsprop_step(const RmspropHyperparameters& h, std::uint64_t t,
                                              Theta&& theta, Second&& second, Third&& third,
                                              More&&... more) {
  step(h, t, RmspropTensor<std::ranges::range_value_t<Theta>>{theta, second, third, more...});
}
template <std::ranges::contiguous_range Tensors>
[[deprecated("call step")]] void rmsprop_step(const RmspropHyperparameters& h, std::uint64_t t,
                                              const Tensors& tensors,
                                              Executor executor = calling_thread()) {
  step(h, t, tensors, executor);
}
template <class T>
[[deprecated("call replay")]] void rmsprop_replay(
    const RmspropHyperparameters& h, std::uint64_t t, const RmspropTensor<T>& tensor,
    std::span<const std::type_identity_t<std::span<const T>>> gradients,
    Executor executor = calling_thread()) {
  replay(h, t, tensor, gradients, executor);
}

}  // namespace truestep::fast

#pragma GCC visibility pop
