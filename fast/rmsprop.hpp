#pragma once

#include <cstdint>
#include <span>

#include "axes.hpp"
#include "threads.hpp"

namespace truestep::fast {

/// Each stands for exactly the real number that the double is, for float spans too.
struct RmspropHyperparameters {
  double learning_rate = 0.001;  ///< [0, 2^64], in the unit of theta
  double rho = 0.9;              ///< [0, 1)
  double epsilon = 1e-8;         ///< [0, 2^64], in the unit of gradient^2, of gradient outside
  EpsilonPlace epsilon_place = EpsilonPlace::in_state;
  Start start = Start::first_square;
  double initial_accumulator = 0;  ///< [0, 2^64], what the caller fills s with if start is constant
  bool corrected = false;          ///< the means divided by 1 - rho^t
  bool centered = false;           ///< less the square of the mean
  double momentum = 0;             ///< [0, 1), of the directions
  LearningRateSite learning_rate_site = LearningRateSite::step;
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta

  friend bool operator==(const RmspropHyperparameters&, const RmspropHyperparameters&) = default;
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
/// @param t         number of this step, 1 at the first; [1, 2^63]. Only t = 1 differs.
/// @param theta     parameters, any length, any alignment
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
/// All spans have one length and share no memory. Every SIMD target gives the same bits, whatever
/// rounding mode or flush-to-zero the caller has set. NaN and infinity follow IEEE 754, coordinate
/// by coordinate.
///
/// Error: each of the lane's operations (rmsprop.lane.hpp) rounds to nearest once, subnormals
/// included, and its coefficients are off as coefficients.hpp says; proofs/numbers/ball.hpp turns
/// this into a rigorous bound for given inputs. Measured in float over 10^5 random steps
/// (truestep_orders): at most 3.9 u for s and 3.7 u for the move of theta, u = 2^-24, of the
/// magnitudes added up. A rho of at most 2^-25 in float, 2^-54 in double, acts as 0, because 1 -
/// rho rounds to 1.
///
/// Weight decay: as for adam_step.
///
/// Throws std::invalid_argument, before anything is written, for a hyperparameter or t outside its
/// range ("rmsprop: t = 0 is outside [1, 2^63]"), unequal lengths or overlap.
void rmsprop_step(const RmspropHyperparameters&, std::uint64_t t, std::span<float> theta,
                  std::span<float> s, std::span<const float> gradient, std::span<float> mean = {},
                  std::span<float> v = {});
void rmsprop_step(const RmspropHyperparameters&, std::uint64_t t, std::span<double> theta,
                  std::span<double> s, std::span<const double> gradient,
                  std::span<double> mean = {}, std::span<double> v = {});

/// The spans of rmsprop_step for one tensor.
template <class T>
struct RmspropTensor {
  std::span<T> theta = {}, s = {};
  std::span<const T> gradient = {};
  std::span<T> mean = {}, v = {};
};

/// One step of each tensor of a list. All else as for adam_step.
void rmsprop_step(const RmspropHyperparameters&, std::uint64_t t,
                  std::span<const RmspropTensor<float>> tensors,
                  Executor executor = calling_thread());
void rmsprop_step(const RmspropHyperparameters&, std::uint64_t t,
                  std::span<const RmspropTensor<double>> tensors,
                  Executor executor = calling_thread());

/// Steps with recorded gradients, in blocks of coordinates. All else as for adam_replay.
void rmsprop_replay(const RmspropHyperparameters&, std::uint64_t t,
                    const RmspropTensor<float>& tensor,
                    std::span<const std::span<const float>> gradients,
                    Executor executor = calling_thread());
void rmsprop_replay(const RmspropHyperparameters&, std::uint64_t t,
                    const RmspropTensor<double>& tensor,
                    std::span<const std::span<const double>> gradients,
                    Executor executor = calling_thread());

}  // namespace truestep::fast
