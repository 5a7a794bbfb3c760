#pragma once

#include <cstdint>
#include <span>

#include "axes.hpp"
#include "threads.hpp"

namespace truestep::fast {

/// Each stands for exactly the real number that the double is, for float spans too.
struct AdadeltaHyperparameters {
  double learning_rate = 1;         ///< [0, 2^64]
  double rho = 0.95;                ///< [0, 1)
  double epsilon = 1e-6;            ///< [0, 2^64], added to both mean squares
  bool accumulates_scaled = false;  ///< u sees learning_rate delta instead of delta
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta

  friend bool operator==(const AdadeltaHyperparameters&, const AdadeltaHyperparameters&) = default;
};

/// One step of Adadelta, in place:
///
///     s     <- rho s + (1 - rho) gradient^2
///     delta  = -sqrt(u + epsilon) / sqrt(s + epsilon) gradient
///     u     <- rho u + (1 - rho) delta^2
///     theta <- theta + learning_rate delta
///
/// (Zeiler 2012, Algorithm 1, which has no learning rate). convention<AdadeltaHyperparameters>(
/// "keras3") of conventions.hpp has Keras's numbers, and so on. Weight decay: as for adam_step.
///
/// @param t         number of this step, 1 at the first; [1, 2^63]. Adadelta does not use it.
/// @param theta     parameters, any length, any alignment
/// @param s         mean square of the gradient, non-negative; 0 before the first step
/// @param u         mean square of the step delta, non-negative; 0 before the first step
/// @param gradient  gradient at theta
///
/// A zero denominator (s + epsilon = 0) gives IEEE's 0 / 0 = NaN. Negative mean squares give what
/// the arithmetic gives. Where the ratio (u + epsilon) / (s + epsilon) is a subnormal number it
/// loses precision, and so does the step.
///
/// All spans have one length and share no memory. Every SIMD target gives the same bits, whatever
/// rounding mode or flush-to-zero the caller has set. NaN and infinity follow IEEE 754, coordinate
/// by coordinate.
///
/// Error: each of the lane's operations (adadelta.lane.hpp) rounds to nearest once, subnormals
/// included, and its coefficients are off as coefficients.hpp says; proofs/numbers/ball.hpp turns
/// this into a rigorous bound for given inputs. Measured in float over 10^5 random steps
/// (truestep_orders): at most 5.3 u for s, 5.9 u for u and 3.3 u for delta, u = 2^-24, of the
/// magnitudes added up. A rho of at most 2^-25 in float, 2^-54 in double, acts as 0, because 1 -
/// rho rounds to 1.
///
/// Throws std::invalid_argument, before anything is written, for a hyperparameter or t outside its
/// range ("adadelta: rho = 1 is outside [0, 1)"), unequal lengths or overlap.
void adadelta_step(const AdadeltaHyperparameters&, std::uint64_t t, std::span<float> theta,
                   std::span<float> s, std::span<float> u, std::span<const float> gradient);
void adadelta_step(const AdadeltaHyperparameters&, std::uint64_t t, std::span<double> theta,
                   std::span<double> s, std::span<double> u, std::span<const double> gradient);

/// The spans of adadelta_step for one tensor.
template <class T>
struct AdadeltaTensor {
  std::span<T> theta = {}, s = {}, u = {};
  std::span<const T> gradient = {};
};

/// One step of each tensor of a list. All else as for adam_step.
void adadelta_step(const AdadeltaHyperparameters&, std::uint64_t t,
                   std::span<const AdadeltaTensor<float>> tensors,
                   Executor executor = calling_thread());
void adadelta_step(const AdadeltaHyperparameters&, std::uint64_t t,
                   std::span<const AdadeltaTensor<double>> tensors,
                   Executor executor = calling_thread());

/// Steps with recorded gradients, in blocks of coordinates. All else as for adam_replay.
void adadelta_replay(const AdadeltaHyperparameters&, std::uint64_t t,
                     const AdadeltaTensor<float>& tensor,
                     std::span<const std::span<const float>> gradients,
                     Executor executor = calling_thread());
void adadelta_replay(const AdadeltaHyperparameters&, std::uint64_t t,
                     const AdadeltaTensor<double>& tensor,
                     std::span<const std::span<const double>> gradients,
                     Executor executor = calling_thread());

}  // namespace truestep::fast
