#pragma once

#include <cstdint>
#include <span>

#include "axes.hpp"
#include "threads.hpp"

namespace truestep::fast {

/// Each stands for exactly the real number that the double is, for float spans too.
struct AdagradHyperparameters {
  double learning_rate = 0.01;  ///< [0, 2^64], in the unit of theta
  double epsilon = 1e-8;        ///< [0, 2^64], in the unit of gradient^2 inside, gradient outside
  EpsilonPlace epsilon_place = EpsilonPlace::inside;
  Start start = Start::constant;
  double initial_accumulator =
      0;  ///< [0, 2^64], what the caller fills sum with if start is constant
  double learning_rate_decay = 0;  ///< [0, 2^64]
  ZeroDenominator zero_denominator = ZeroDenominator::divide;
  double momentum = 0;  ///< [0, 1), of a mean of the directions
  WeightDecay weight_decay_place = WeightDecay::none;
  double weight_decay = 0;  ///< [0, 2^64], in the unit of gradient / theta

  friend bool operator==(const AdagradHyperparameters&, const AdagradHyperparameters&) = default;
};

/// One step of Adagrad, in place, epsilon inside the root:
///
///     sum   <- sum + gradient^2
///     theta <- theta - learning_rate gradient / sqrt(sum + epsilon)
///
/// (Duchi, Hazan, Singer 2011, figure 1, diagonal case, which has delta + sqrt(sum) instead). Most
/// frameworks put epsilon outside the root; TensorFlow 1 and Keras start the sum at 0.1. Step t has
/// learning_rate / (1 + (t - 1) learning_rate_decay). With momentum, as in JAX's examples, theta
/// moves by learning_rate v, v <- momentum v + (1 - momentum) gradient / sqrt(...).
/// convention<AdagradHyperparameters>("optax") of conventions.hpp is the rule as Optax has it, and
/// so on; `truestep rules adagrad` prints them all.
///
/// @param t         number of this step, 1 at the first; [1, 2^63]
/// @param theta     parameters, any length, any alignment
/// @param sum       sum of squared gradients, non-negative; initial_accumulator or
///                  epsilon before the first step, as start says
/// @param gradient  gradient at theta
/// @param v         with momentum, the mean of the directions, 0 before the first step; else empty
///
/// A zero denominator (sum + epsilon = 0) gives IEEE's 0 / 0 = NaN, unless zero_denominator is
/// no_step; then theta stays where sum is not positive. A negative sum gives what the
/// arithmetic gives.
///
/// All spans have one length and share no memory. Every SIMD target gives the same bits, whatever
/// rounding mode or flush-to-zero the caller has set. NaN and infinity follow IEEE 754, coordinate
/// by coordinate.
///
/// Error: each of the lane's operations (adagrad.lane.hpp) rounds to nearest once, subnormals
/// included, and its coefficients are off as coefficients.hpp says; proofs/numbers/ball.hpp turns
/// this into a rigorous bound for given inputs. Measured in float over 10^5 random steps
/// (truestep_orders): at most 1.0 u for sum and 3.7 u for the move of theta, u = 2^-24, of the
/// magnitudes added up.
///
/// Weight decay: as for adam_step; WeightDecay::accumulator puts gradient + weight_decay theta into
/// the sum and moves theta by the gradient alone, as DeepSpeed does.
///
/// Throws std::invalid_argument, before anything is written, for a hyperparameter or t outside its
/// range ("adagrad: epsilon = -1 is outside [0, 2^64]"), unequal lengths or overlap.
void adagrad_step(const AdagradHyperparameters&, std::uint64_t t, std::span<float> theta,
                  std::span<float> sum, std::span<const float> gradient, std::span<float> v = {});
void adagrad_step(const AdagradHyperparameters&, std::uint64_t t, std::span<double> theta,
                  std::span<double> sum, std::span<const double> gradient,
                  std::span<double> v = {});

/// The spans of adagrad_step for one tensor.
template <class T>
struct AdagradTensor {
  std::span<T> theta = {}, sum = {};
  std::span<const T> gradient = {};
  std::span<T> v = {};
};

/// One step of each tensor of a list. All else as for adam_step.
void adagrad_step(const AdagradHyperparameters&, std::uint64_t t,
                  std::span<const AdagradTensor<float>> tensors,
                  Executor executor = calling_thread());
void adagrad_step(const AdagradHyperparameters&, std::uint64_t t,
                  std::span<const AdagradTensor<double>> tensors,
                  Executor executor = calling_thread());

/// Steps with recorded gradients, in blocks of coordinates. All else as for adam_replay.
void adagrad_replay(const AdagradHyperparameters&, std::uint64_t t,
                    const AdagradTensor<float>& tensor,
                    std::span<const std::span<const float>> gradients,
                    Executor executor = calling_thread());
void adagrad_replay(const AdagradHyperparameters&, std::uint64_t t,
                    const AdagradTensor<double>& tensor,
                    std::span<const std::span<const double>> gradients,
                    Executor executor = calling_thread());

}  // namespace truestep::fast
