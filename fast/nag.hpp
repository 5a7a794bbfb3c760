#pragma once

#include <cstdint>
#include <span>

#include "axes.hpp"
#include "threads.hpp"

namespace truestep::fast {

/// Each stands for exactly the real number that the double is, for float spans too.
struct NagHyperparameters {
  double learning_rate = 0.01;  ///< [0, 2^64], in the unit of theta / gradient
  double momentum = 0.9;        ///< [0, 1)
  double dampening = 0;         ///< [0, 1]
  NesterovForm nesterov = NesterovForm::look_ahead;
  LearningRateSite learning_rate_site = LearningRateSite::buffer;
  FirstBuffer first_buffer = FirstBuffer::recurrence;
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta

  friend bool operator==(const NagHyperparameters&, const NagHyperparameters&) = default;
};

/// The point at which NAG takes its gradient: point <- theta + momentum v, or theta - learning_rate
/// momentum v with the learning rate outside the buffer.
///
/// Units, lengths, overlap, bits and errors as for nag_step.
void nag_look_ahead(const NagHyperparameters&, std::span<const float> theta,
                    std::span<const float> v, std::span<float> point);
void nag_look_ahead(const NagHyperparameters&, std::span<const double> theta,
                    std::span<const double> v, std::span<double> point);

/// One step of Nesterov's accelerated gradient, in place:
///
///     v     <- momentum v - learning_rate gradient(theta + momentum v)
///     theta <- theta + v
///
/// (Sutskever, Martens, Dahl, Hinton 2013, equations 3 and 4). The recurrences are Momentum's; what
/// differs is that `gradient` was taken at the point that nag_look_ahead writes. Frameworks take
/// the gradient at the stored point and store phi = theta + momentum v instead: with p the
/// gradient's undampened share, -learning_rate gradient, phi moves by momentum v + p
/// (NesterovForm::stored_point; unrolled and difference are the same map), and in Chainer by
/// momentum^2 v + (1 + momentum) p (squared_momentum). Learning rate, dampening and first buffer
/// are Momentum's; convention<NagHyperparameters>("pytorch") of conventions.hpp has PyTorch's
/// choices. Weight decay: as for adam_step.
///
/// @param t         number of this step, 1 at the first; [1, 2^63]
/// @param theta     parameters, any length, any alignment
/// @param v         velocity, unit of theta; 0 before the first step
/// @param gradient  gradient at theta + momentum v, or at theta in the other forms
///
/// All spans have one length and share no memory. Every SIMD target gives the same bits, whatever
/// rounding mode or flush-to-zero the caller has set. NaN and infinity follow IEEE 754, coordinate
/// by coordinate.
///
/// Error: each of the lane's operations (nag.lane.hpp) rounds to nearest once, subnormals included,
/// and its coefficients are off as coefficients.hpp says; proofs/numbers/ball.hpp turns this into a
/// rigorous bound for given inputs. Measured in float over 10^5 random steps (truestep_orders): at
/// most 2.5 u for v, and 1.9 u for the look-ahead point, u = 2^-24, of the magnitudes added up.
///
/// Throws std::invalid_argument, before anything is written, for a hyperparameter or t outside its
/// range ("nag: momentum = 1 is outside [0, 1)"), unequal lengths or overlap.
void nag_step(const NagHyperparameters&, std::uint64_t t, std::span<float> theta,
              std::span<float> v, std::span<const float> gradient);
void nag_step(const NagHyperparameters&, std::uint64_t t, std::span<double> theta,
              std::span<double> v, std::span<const double> gradient);

/// The spans of nag_step for one tensor.
template <class T>
struct NagTensor {
  std::span<T> theta = {}, v = {};
  std::span<const T> gradient = {};
};

/// One step of each tensor of a list. All else as for adam_step.
void nag_step(const NagHyperparameters&, std::uint64_t t, std::span<const NagTensor<float>> tensors,
              Executor executor = calling_thread());
void nag_step(const NagHyperparameters&, std::uint64_t t,
              std::span<const NagTensor<double>> tensors, Executor executor = calling_thread());

/// Steps with recorded gradients, in blocks of coordinates. All else as for adam_replay.
/// In the look-ahead form they are gradients at theta + momentum v, whatever these are.
void nag_replay(const NagHyperparameters&, std::uint64_t t, const NagTensor<float>& tensor,
                std::span<const std::span<const float>> gradients,
                Executor executor = calling_thread());
void nag_replay(const NagHyperparameters&, std::uint64_t t, const NagTensor<double>& tensor,
                std::span<const std::span<const double>> gradients,
                Executor executor = calling_thread());

}  // namespace truestep::fast
