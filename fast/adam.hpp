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

struct Adam;

/// Each stands for exactly the real number that the double is, for float spans too.
struct AdamHyperparameters {
  using Rule = Adam;

  double learning_rate = 0.001;  ///< [0, 2^64], in the unit of theta
  double beta1 = 0.9;            ///< [0, 1)
  double beta2 = 0.999;          ///< [0, 1)
  double epsilon = 1e-8;         ///< [0, 2^64], in the unit of the gradient
  EpsilonFrame epsilon_frame = EpsilonFrame::after_correction;
  double epsilon_root = 0;  ///< [0, 2^64], inside the root, in the unit of gradient^2
  bool corrects_m = true;   ///< m divided by 1 - beta1^t
  bool corrects_v = true;   ///< v divided by 1 - beta2^t
  BiasCorrection bias_correction = BiasCorrection::divides;
  std::uint64_t first_power = 1;     ///< [0, 2^16], exponent of the correction at t = 1
  std::uint64_t counter_stride = 1;  ///< [0, 2^16], what a step adds to that exponent
  double beta1_decay = 1;            ///< [0, 1]; step t has beta1 beta1_decay^(t - 1) in m
  bool amsgrad = false;              ///< the largest v so far in the denominator
  LargestOf largest_of = LargestOf::raw;
  MomentAhead moment_ahead = MomentAhead::none;
  StateUsed state_used = StateUsed::current;
  Start moments_start = Start::constant;  ///< what the caller fills the states with: 0, or epsilon
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta
  DecayTime weight_decay_time = DecayTime::before_step;
  DecayScale weight_decay_scale = DecayScale::learning_rate;
  DecayMask weight_decay_mask = DecayMask::none;
  double weight_decay_post = 0;    ///< [0, 1], of theta after all else, times no rate
  double schedule_multiplier = 1;  ///< [0, 1], of the step and of decoupled weight decay
  double learning_rate_decay = 0;  ///< [0, 2^64]
  StepSign step_sign = StepSign::descent;

  friend bool operator==(const AdamHyperparameters&, const AdamHyperparameters&) = default;
};

template <class T>
struct AdamTensor {
  using Hyperparameters = AdamHyperparameters;
  using Element = T;

  std::span<T> theta = {}, m = {}, v = {};
  std::span<const T> gradient = {};
  std::span<T> v_max = {};
};

/// One step of Adam, in place, epsilon outside the root and after bias correction:
///
///     m     <- beta1 m + (1 - beta1) gradient
///     v     <- beta2 v + (1 - beta2) gradient^2
///     m_hat  = m / (1 - beta1^t),  v_hat = v / (1 - beta2^t)
///     theta <- theta - learning_rate m_hat / (sqrt(v_hat) + epsilon)
///
/// (Kingma & Ba 2015, arXiv version 9, Algorithm 1). TensorFlow 1, Keras, Caffe, MXNet, Chainer and
/// others add epsilon before the correction ("epsilon hat", section 2 of the paper):
/// EpsilonFrame::before_correction, which is this rule with epsilon / sqrt(1 - beta2^t). Optax has
/// sqrt(v_hat + epsilon_root) + epsilon. convention<AdamHyperparameters>("keras3") of
/// conventions.hpp is the rule as Keras 3 has it, and so on; `truestep rules adam` prints them all.
///
/// @param m         decayed mean of the gradient; 0 before the first step
/// @param v         decayed mean of its square, non-negative; 0 before the first step
/// @param gradient  gradient at theta
/// @param v_max     with amsgrad, the largest v so far, 0 before the first step; else empty
///
/// A zero denominator (v = 0 and epsilon = 0) gives IEEE's m / 0: NaN, or an infinity if m is not
/// 0. A negative v gives what the arithmetic gives.
///
/// Error, besides what step.hpp says: measured in float over 10^5 random steps (truestep_orders):
/// at most 2.7 u for m, 2.1 u for v and 5.0 u for the move of theta, u = 2^-24, of the magnitudes
/// added up. A beta of at most 2^-25 in float, 2^-54 in double, acts as 0 in m and v, because 1 -
/// beta rounds to 1.
///
/// Weight decay: gradient + weight_decay theta for the gradient, or decoupled (Loshchilov & Hutter
/// 2019, the schedule in learning_rate), (1 - learning_rate weight_decay) theta for theta, which
/// may not turn theta round: learning_rate weight_decay is at most 1.
struct Adam {
  static constexpr const char* name = "adam";
  using Hyperparameters = AdamHyperparameters;
  template <class T>
  using Tensor = AdamTensor<T>;

  using H = Hyperparameters;
  static constexpr std::tuple members{
      NamedNumber{"learning_rate", &H::learning_rate, Domain::scale, Part::every_version, "theta",
                  "the learning rate"},
      NamedNumber{"beta1", &H::beta1, Domain::weight, Part::every_version, "1",
                  "the weight of the past in m"},
      NamedNumber{"beta2", &H::beta2, Domain::weight, Part::every_version, "1",
                  "the weight of the past in v"},
      NamedNumber{"epsilon", &H::epsilon, Domain::scale, Part::every_version, "gradient",
                  "what is added to the root of the second moment"},
      NamedNumber{"epsilon_root", &H::epsilon_root, Domain::scale, Part::some_versions,
                  "gradient^2", "what is added inside the root"},
      NamedNumber{"beta1_decay", &H::beta1_decay, Domain::fraction, Part::some_versions, "1",
                  "step t has beta1 beta1_decay^(t - 1) in m"},
      NamedNumber{"weight_decay", &H::weight_decay, Domain::scale, Part::some_versions,
                  "gradient / theta", "the amount of weight decay"},
      NamedNumber{"weight_decay_post", &H::weight_decay_post, Domain::fraction, Part::some_versions,
                  "1", "the share of theta that decays after all else"},
      NamedNumber{"schedule_multiplier", &H::schedule_multiplier, Domain::fraction,
                  Part::some_versions, "1", "what multiplies the step and decoupled weight decay"},
      NamedNumber{"learning_rate_decay", &H::learning_rate_decay, Domain::scale,
                  Part::some_versions, "1",
                  "step t has learning_rate / (1 + (t - 1) learning_rate_decay)"},
      NamedNumber{"first_power", &H::first_power, Domain::count, Part::choice, "1",
                  "the exponent of the correction at t = 1; 0 for none there"},
      NamedNumber{"counter_stride", &H::counter_stride, Domain::count, Part::choice, "1",
                  "what each step adds to that exponent"},
      NamedChoice{"epsilon_frame", &H::epsilon_frame,
                  "whether epsilon stands beside the corrected root or the raw one"},
      NamedChoice{"corrects_m", &H::corrects_m, "whether m is divided by 1 - beta1^t"},
      NamedChoice{"corrects_v", &H::corrects_v, "whether v is divided by 1 - beta2^t"},
      NamedChoice{"bias_correction", &H::bias_correction, "what is done with 1 - beta^t"},
      NamedChoice{"amsgrad", &H::amsgrad, "whether the largest v so far is in the denominator"},
      NamedChoice{"largest_of", &H::largest_of, "the v of which amsgrad keeps the largest"},
      NamedChoice{"moment_ahead", &H::moment_ahead, "Nesterov's gradient on top of m"},
      NamedChoice{"state_used", &H::state_used, "the moments that move theta"},
      NamedChoice{"moments_start", &H::moments_start, "what the moments are before the first step"},
      NamedChoice{"weight_decay_place", &H::weight_decay_place, "where weight decay goes"},
      NamedChoice{"weight_decay_time", &H::weight_decay_time,
                  "whether decoupled weight decay comes before the step or after it"},
      NamedChoice{"weight_decay_scale", &H::weight_decay_scale,
                  "what decoupled weight decay is multiplied by"},
      NamedChoice{"weight_decay_mask", &H::weight_decay_mask,
                  "the coordinates that decoupled weight decay acts on"},
      NamedChoice{"step_sign", &H::step_sign, "whether the step goes down or up"}};

  template <class T>
  static constexpr std::array<NamedState<Tensor<T>>, 3> states{
      {{"m", &AdamTensor<T>::m},
       {"v", &AdamTensor<T>::v},
       {"v_max", &AdamTensor<T>::v_max, [](const H& h) { return h.amsgrad; }}}};

  /// Elements that take about as long as a helping thread needs to begin and to answer.
  static constexpr std::size_t least_part = 1024;
  /// Whether coefficients depend on t in most versions.
  static constexpr bool steps_differ = true;
};

// The calls of release 0.1, for one release more.

template <class Theta, class Second, class Third, class... More>
[[deprecated("call step")]] void adam_step(const AdamHyperparameters& h, std::uint64_t t,
                                           Theta&& theta, Second&& second, Third&& third,
                                           More&&... more) {
  step(h, t, AdamTensor<std::ranges::range_value_t<Theta>>{theta, second, third, more...});
}
template <std::ranges::contiguous_range Tensors>
[[deprecated("call step")]] void adam_step(const AdamHyperparameters& h, std::uint64_t t,
                                           const Tensors& tensors,
                                           Executor executor = calling_thread()) {
  step(h, t, tensors, executor);
}
template <class T>
[[deprecated("call replay")]] void adam_replay(
    const AdamHyperparameters& h, std::uint64_t t, const AdamTensor<T>& tensor,
    std::span<const std::type_identity_t<std::span<const T>>> gradients,
    Executor executor = calling_thread()) {
  replay(h, t, tensor, gradients, executor);
}

}  // namespace truestep::fast

#pragma GCC visibility pop
