#pragma once

#include <cstdint>
#include <span>

#include "axes.hpp"
#include "threads.hpp"

namespace truestep::fast {

/// Each stands for exactly the real number that the double is, for float spans too.
struct MomentumHyperparameters {
  double learning_rate = 0.01;  ///< [0, 2^64], in the unit of theta / gradient
  double momentum = 0.9;        ///< [0, 1)
  double dampening = 0;         ///< [0, 1]
  LearningRateSite learning_rate_site = LearningRateSite::buffer;
  FirstBuffer first_buffer = FirstBuffer::recurrence;
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta

  friend bool operator==(const MomentumHyperparameters&, const MomentumHyperparameters&) = default;
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
/// of conventions.hpp has all of its choices. Weight decay: as for adam_step.
///
/// @param t         number of this step, 1 at the first; [1, 2^63]
/// @param theta     parameters, any length, any alignment
/// @param v         velocity, unit of theta, or of gradient with the learning rate outside; 0
/// before the first step
/// @param gradient  gradient at theta
///
/// All spans have one length and share no memory. Every SIMD target gives the same bits, whatever
/// rounding mode or flush-to-zero the caller has set. NaN and infinity follow IEEE 754, coordinate
/// by coordinate.
///
/// Error: each of the lane's operations (momentum.lane.hpp) rounds to nearest once, subnormals
/// included, and its coefficients are off as coefficients.hpp says; proofs/numbers/ball.hpp turns
/// this into a rigorous bound for given inputs. Measured in float over 10^5 random steps
/// (truestep_orders): at most 2.5 u for v, u = 2^-24, of the magnitudes added up.
///
/// Throws std::invalid_argument, before anything is written, for a hyperparameter or t outside its
/// range ("momentum: learning_rate = -1 is outside [0, 2^64]"), unequal lengths or overlap.
void momentum_step(const MomentumHyperparameters&, std::uint64_t t, std::span<float> theta,
                   std::span<float> v, std::span<const float> gradient);
void momentum_step(const MomentumHyperparameters&, std::uint64_t t, std::span<double> theta,
                   std::span<double> v, std::span<const double> gradient);

/// The spans of momentum_step for one tensor.
template <class T>
struct MomentumTensor {
  std::span<T> theta = {}, v = {};
  std::span<const T> gradient = {};
};

/// One step of each tensor of a list. All else as for adam_step.
void momentum_step(const MomentumHyperparameters&, std::uint64_t t,
                   std::span<const MomentumTensor<float>> tensors,
                   Executor executor = calling_thread());
void momentum_step(const MomentumHyperparameters&, std::uint64_t t,
                   std::span<const MomentumTensor<double>> tensors,
                   Executor executor = calling_thread());

/// Steps with recorded gradients, in blocks of coordinates. All else as for adam_replay.
void momentum_replay(const MomentumHyperparameters&, std::uint64_t t,
                     const MomentumTensor<float>& tensor,
                     std::span<const std::span<const float>> gradients,
                     Executor executor = calling_thread());
void momentum_replay(const MomentumHyperparameters&, std::uint64_t t,
                     const MomentumTensor<double>& tensor,
                     std::span<const std::span<const double>> gradients,
                     Executor executor = calling_thread());

}  // namespace truestep::fast
