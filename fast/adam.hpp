#pragma once

#include <cstdint>
#include <span>

#include "axes.hpp"
#include "threads.hpp"

namespace truestep::fast {

/// Each stands for exactly the real number that the double is, for float spans too.
struct AdamHyperparameters {
  double learning_rate = 0.001;  ///< [0, 2^64], in the unit of theta
  double beta1 = 0.9;            ///< [0, 1)
  double beta2 = 0.999;          ///< [0, 1)
  double epsilon = 1e-8;         ///< [0, 2^64], in the unit of the gradient
  EpsilonFrame epsilon_frame = EpsilonFrame::after_correction;
  double epsilon_root = 0;        ///< [0, 2^64], inside the root, in the unit of gradient^2
  bool corrects_m = true;         ///< m divided by 1 - beta1^t
  bool corrects_v = true;         ///< v divided by 1 - beta2^t
  std::uint64_t first_power = 1;  ///< exponent of the correction at t = 1; 0 for none there
  double beta1_decay = 1;         ///< [0, 1]; step t has beta1 beta1_decay^(t - 1) in m
  bool amsgrad = false;           ///< the largest v so far in the denominator
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta

  friend bool operator==(const AdamHyperparameters&, const AdamHyperparameters&) = default;
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
/// @param t         number of this step, 1 at the first; [1, 2^63]
/// @param theta     parameters, any length, any alignment
/// @param m         decayed mean of the gradient; 0 before the first step
/// @param v         decayed mean of its square, non-negative; 0 before the first step
/// @param gradient  gradient at theta
/// @param v_max     with amsgrad, the largest v so far, 0 before the first step; else empty
///
/// A zero denominator (v = 0 and epsilon = 0) gives IEEE's m / 0: NaN, or an infinity if m is not
/// 0. A negative v gives what the arithmetic gives.
///
/// All spans have one length and share no memory. Every SIMD target gives the same bits, whatever
/// rounding mode or flush-to-zero the caller has set. NaN and infinity follow IEEE 754, coordinate
/// by coordinate.
///
/// Error: each of the lane's operations (adam.lane.hpp) rounds to nearest once, subnormals
/// included, and its coefficients are off as coefficients.hpp says; proofs/numbers/ball.hpp turns
/// this into a rigorous bound for given inputs. Measured in float over 10^5 random steps
/// (truestep_orders): at most 2.7 u for m, 2.1 u for v and 5.0 u for the move of theta, u = 2^-24,
/// of the magnitudes added up. A beta of at most 2^-25 in float, 2^-54 in double, acts as 0 in m
/// and v, because 1 - beta rounds to 1.
///
/// Weight decay: gradient + weight_decay theta for the gradient, or decoupled (Loshchilov & Hutter
/// 2019, the schedule in learning_rate), (1 - learning_rate weight_decay) theta for theta, which
/// may not turn theta round: learning_rate weight_decay is at most 1.
///
/// Throws std::invalid_argument, before anything is written, for a hyperparameter or t outside its
/// range ("adam: beta2 = 1 is outside [0, 1)"), unequal lengths or overlap.
void adam_step(const AdamHyperparameters&, std::uint64_t t, std::span<float> theta,
               std::span<float> m, std::span<float> v, std::span<const float> gradient,
               std::span<float> v_max = {});
void adam_step(const AdamHyperparameters&, std::uint64_t t, std::span<double> theta,
               std::span<double> m, std::span<double> v, std::span<const double> gradient,
               std::span<double> v_max = {});

/// The spans of adam_step for one tensor.
template <class T>
struct AdamTensor {
  std::span<T> theta = {}, m = {}, v = {};
  std::span<const T> gradient = {};
  std::span<T> v_max = {};
};

/// One step of each tensor of a list, all with one t: the bits of adam_step on each, for any
/// executor (threads.hpp). Nothing is allocated, the coefficients are computed once, and the
/// elements are cut into equal parts, one for each of the executor's threads; the first has 1024
/// more, or 4096 under Momentum and NAG. Where a thread would not have as many, fewer take part.
///
/// Throws as adam_step does, before anything is written; an error names the tensor by its number,
/// from 0: "adam: tensor 3: m has 5 elements where theta has 6". What two tensors share is not
/// looked for. They may share a gradient; of what is written they may share nothing, or several
/// threads race for it.
void adam_step(const AdamHyperparameters&, std::uint64_t t,
               std::span<const AdamTensor<float>> tensors, Executor executor = calling_thread());
void adam_step(const AdamHyperparameters&, std::uint64_t t,
               std::span<const AdamTensor<double>> tensors, Executor executor = calling_thread());

/// One step after another with recorded gradients, the first numbered t: the bits of as many calls
/// of adam_step, for any executor. A block of coordinates takes many steps while it stays in cache,
/// so that of a long tensor only the gradients stream from memory. Nothing is allocated.
///
/// @param tensor     its own gradient is left empty
/// @param gradients  one per step; they may share memory with each other
///
/// Throws as adam_step does, before anything is written; an error about the spans names the step:
/// "adam: step 12: gradient has 5 elements where theta has 6".
void adam_replay(const AdamHyperparameters&, std::uint64_t t, const AdamTensor<float>& tensor,
                 std::span<const std::span<const float>> gradients,
                 Executor executor = calling_thread());
void adam_replay(const AdamHyperparameters&, std::uint64_t t, const AdamTensor<double>& tensor,
                 std::span<const std::span<const double>> gradients,
                 Executor executor = calling_thread());

}  // namespace truestep::fast
