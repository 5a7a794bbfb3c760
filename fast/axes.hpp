#pragma once

/// The choices that a rule's description has besides its numbers. Defaults are the seed's;
/// conventions.hpp has those of the systems.
namespace truestep::fast {

/// sqrt(x) + epsilon; sqrt(x + epsilon); added to the accumulator at every step; inside the root
/// where the momentum is not 0, or where the second moment is centered, and outside elsewhere.
enum class EpsilonPlace { outside, inside, in_state, inside_with_momentum, inside_when_centered };

/// Adam's epsilon beside the root of the corrected second moment, or beside that of the raw one.
enum class EpsilonFrame { after_correction, before_correction };

/// The accumulator before the first step. `first_square`: whatever it is, the first step stores the
/// square that it sees.
enum class Start { constant, epsilon, first_square };

/// Whether a momentum buffer holds moves of theta or sums of gradients.
enum class LearningRateSite { buffer, step };

/// Whether a buffer's first step is the recurrence, or stores the undamped gradient.
enum class FirstBuffer { recurrence, gradient };

/// Which point the gradient is taken at, and what moves theta: nag.hpp.
enum class NesterovForm { look_ahead, stored_point, unrolled, difference, squared_momentum };

/// What an accumulator of 0 makes: IEEE's division, or no step.
enum class ZeroDenominator { divide, no_step };

/// gradient + weight_decay theta; (1 - learning_rate weight_decay) theta; or the former in the
/// accumulator alone.
enum class WeightDecay { none, gradient, decoupled, accumulator };

}  // namespace truestep::fast
