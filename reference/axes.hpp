// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <tuple>

/// The choices in which published versions of one rule differ, and the words for them. Words are
/// all that the two statements of a rule have in common. A rule's hyperparameters have a member for
/// each choice that it knows; `truestep rules` prints who chose what.
namespace truestep::axes {

/// Where epsilon stands: sqrt(x) + epsilon; sqrt(x + epsilon); added to the accumulator at every
/// step; or inside the root where the momentum is not 0, or where the second moment is centered,
/// and outside elsewhere.
enum class EpsilonPlace { outside, inside, in_state, inside_with_momentum, inside_when_centered };

/// Epsilon beside the root of the corrected second moment, or beside the root of the raw
/// one, whose correction then multiplies the sum.
enum class EpsilonFrame { after_correction, before_correction };

/// What an accumulator holds before the first step. `first_square`: whatever it holds, the first
/// step stores the square that it sees.
enum class Start { constant, epsilon, first_square };

/// Whether a momentum buffer holds moves of theta, the learning rate in them, or sums of gradients.
enum class LearningRateSite { buffer, step };

/// Whether a buffer's first step is the recurrence, or stores the undamped gradient.
enum class FirstBuffer { recurrence, gradient };

/// From which point Nesterov's gradient comes, and what moves theta.
enum class NesterovForm { look_ahead, stored_point, unrolled, difference, squared_momentum };

/// What an accumulator of 0 makes: IEEE's division, or no step.
enum class ZeroDenominator { divide, no_step };

/// Where weight_decay theta goes: into the gradient; beside the step, as learning_rate weight_decay
/// theta; or into the gradient that the accumulator sees, but not into the one that moves theta.
enum class WeightDecay { none, gradient, decoupled, accumulator };

/// Whether decoupled weight decay acts on the theta that the step starts from, or on its result.
enum class DecayTime { before_step, after_step };

/// What the amount of decoupled weight decay is multiplied by.
enum class DecayScale { learning_rate, one, corrected_rate };

/// Which coordinates decoupled weight decay acts on: all, or those where theta and the first moment
/// after the step have one sign, 0 being positive.
enum class DecayMask { none, signs_agree };

/// Whose theta decays into the gradient of a Nesterov step: that which the step starts from; that
/// at which the gradient is taken; or the former for the move, and the moved theta for what the
/// buffer keeps.
enum class DecayPoint { stored, look_ahead, moved };

/// Which way a step goes: against the gradient; against -gradient, weight decay as ever; or the
/// descent's step with the other sign.
enum class StepSign { descent, gradient_negated, step_negated };

/// Which second moment AMSGrad keeps the largest of.
enum class LargestOf { raw, corrected };

/// What m a step takes: its own; the next step's m for a gradient of 0, with the gradient added, by
/// the correction of this step; or the same, each part by the correction of its own step.
enum class MomentAhead { none, same_correction, own_corrections };

/// What bias correction does with 1 - beta^t.
enum class BiasCorrection { divides, multiplies };

/// Whether a step uses the accumulators that it has just brought up to date, or those of the step
/// before.
enum class StateUsed { current, previous };

/// Whether epsilon is added inside the root or subtracted there.
enum class EpsilonSign { added, subtracted };

/// What is made of a centered variance that rounding has made negative: 0, or its root, NaN.
enum class NegativeVariance { clamped, kept };

// The word of an enumerator, as people type it; empty for a number that names none. An enumerator
// without a word does not compile.

constexpr std::string_view word(EpsilonPlace value) {
  switch (value) {
    case EpsilonPlace::outside:
      return "outside";
    case EpsilonPlace::inside:
      return "inside";
    case EpsilonPlace::in_state:
      return "in_state";
    case EpsilonPlace::inside_with_momentum:
      return "inside_with_momentum";
    case EpsilonPlace::inside_when_centered:
      return "inside_when_centered";
  }
  return {};
}

constexpr std::string_view word(EpsilonFrame value) {
  switch (value) {
    case EpsilonFrame::after_correction:
      return "after_correction";
    case EpsilonFrame::before_correction:
      return "before_correction";
  }
  return {};
}

constexpr std::string_view word(Start value) {
  switch (value) {
    case Start::constant:
      return "constant";
    case Start::epsilon:
      return "epsilon";
    case Start::first_square:
      return "first_square";
  }
  return {};
}

constexpr std::string_view word(LearningRateSite value) {
  switch (value) {
    case LearningRateSite::buffer:
      return "buffer";
    case LearningRateSite::step:
      return "step";
  }
  return {};
}

constexpr std::string_view word(FirstBuffer value) {
  switch (value) {
    case FirstBuffer::recurrence:
      return "recurrence";
    case FirstBuffer::gradient:
      return "gradient";
  }
  return {};
}

constexpr std::string_view word(NesterovForm value) {
  switch (value) {
    case NesterovForm::look_ahead:
      return "look_ahead";
    case NesterovForm::stored_point:
      return "stored_point";
    case NesterovForm::unrolled:
      return "unrolled";
    case NesterovForm::difference:
      return "difference";
    case NesterovForm::squared_momentum:
      return "squared_momentum";
  }
  return {};
}

constexpr std::string_view word(ZeroDenominator value) {
  switch (value) {
    case ZeroDenominator::divide:
      return "divide";
    case ZeroDenominator::no_step:
      return "no_step";
  }
  return {};
}

constexpr std::string_view word(WeightDecay value) {
  switch (value) {
    case WeightDecay::none:
      return "none";
    case WeightDecay::gradient:
      return "gradient";
    case WeightDecay::decoupled:
      return "decoupled";
    case WeightDecay::accumulator:
      return "accumulator";
  }
  return {};
}

constexpr std::string_view word(DecayTime value) {
  switch (value) {
    case DecayTime::before_step:
      return "before_step";
    case DecayTime::after_step:
      return "after_step";
  }
  return {};
}

constexpr std::string_view word(DecayScale value) {
  switch (value) {
    case DecayScale::learning_rate:
      return "learning_rate";
    case DecayScale::one:
      return "one";
    case DecayScale::corrected_rate:
      return "corrected_rate";
  }
  return {};
}

constexpr std::string_view word(DecayMask value) {
  switch (value) {
    case DecayMask::none:
      return "none";
    case DecayMask::signs_agree:
      return "signs_agree";
  }
  return {};
}

constexpr std::string_view word(DecayPoint value) {
  switch (value) {
    case DecayPoint::stored:
      return "stored";
    case DecayPoint::look_ahead:
      return "look_ahead";
    case DecayPoint::moved:
      return "moved";
  }
  return {};
}

constexpr std::string_view word(StepSign value) {
  switch (value) {
    case StepSign::descent:
      return "descent";
    case StepSign::gradient_negated:
      return "gradient_negated";
    case StepSign::step_negated:
      return "step_negated";
  }
  return {};
}

constexpr std::string_view word(LargestOf value) {
  switch (value) {
    case LargestOf::raw:
      return "raw";
    case LargestOf::corrected:
      return "corrected";
  }
  return {};
}

constexpr std::string_view word(MomentAhead value) {
  switch (value) {
    case MomentAhead::none:
      return "none";
    case MomentAhead::same_correction:
      return "same_correction";
    case MomentAhead::own_corrections:
      return "own_corrections";
  }
  return {};
}

constexpr std::string_view word(BiasCorrection value) {
  switch (value) {
    case BiasCorrection::divides:
      return "divides";
    case BiasCorrection::multiplies:
      return "multiplies";
  }
  return {};
}

constexpr std::string_view word(StateUsed value) {
  switch (value) {
    case StateUsed::current:
      return "current";
    case StateUsed::previous:
      return "previous";
  }
  return {};
}

constexpr std::string_view word(EpsilonSign value) {
  switch (value) {
    case EpsilonSign::added:
      return "added";
    case EpsilonSign::subtracted:
      return "subtracted";
  }
  return {};
}

constexpr std::string_view word(NegativeVariance value) {
  switch (value) {
    case NegativeVariance::clamped:
      return "clamped";
    case NegativeVariance::kept:
      return "kept";
  }
  return {};
}

constexpr std::string_view word(bool value) { return value ? "true" : "false"; }

/// The C++ name of a choice's type.
constexpr std::string_view type_word(EpsilonPlace) { return "EpsilonPlace"; }
constexpr std::string_view type_word(EpsilonFrame) { return "EpsilonFrame"; }
constexpr std::string_view type_word(Start) { return "Start"; }
constexpr std::string_view type_word(LearningRateSite) { return "LearningRateSite"; }
constexpr std::string_view type_word(FirstBuffer) { return "FirstBuffer"; }
constexpr std::string_view type_word(NesterovForm) { return "NesterovForm"; }
constexpr std::string_view type_word(ZeroDenominator) { return "ZeroDenominator"; }
constexpr std::string_view type_word(WeightDecay) { return "WeightDecay"; }
constexpr std::string_view type_word(DecayTime) { return "DecayTime"; }
constexpr std::string_view type_word(DecayScale) { return "DecayScale"; }
constexpr std::string_view type_word(DecayMask) { return "DecayMask"; }
constexpr std::string_view type_word(DecayPoint) { return "DecayPoint"; }
constexpr std::string_view type_word(StepSign) { return "StepSign"; }
constexpr std::string_view type_word(LargestOf) { return "LargestOf"; }
constexpr std::string_view type_word(MomentAhead) { return "MomentAhead"; }
constexpr std::string_view type_word(BiasCorrection) { return "BiasCorrection"; }
constexpr std::string_view type_word(StateUsed) { return "StateUsed"; }
constexpr std::string_view type_word(EpsilonSign) { return "EpsilonSign"; }
constexpr std::string_view type_word(NegativeVariance) { return "NegativeVariance"; }
constexpr std::string_view type_word(bool) { return "bool"; }

/// The types of choices.
using Choices =
    std::tuple<bool, EpsilonPlace, EpsilonFrame, Start, LearningRateSite, FirstBuffer, NesterovForm,
               ZeroDenominator, WeightDecay, DecayTime, DecayScale, DecayMask, DecayPoint, StepSign,
               LargestOf, MomentAhead, BiasCorrection, StateUsed, EpsilonSign, NegativeVariance>;

/// How many values a choice has: its enumerators are numbered from 0.
template <class Choice>
inline constexpr std::size_t count_of = [] {
  std::size_t count = 0;
  while (!word(static_cast<Choice>(count)).empty()) ++count;
  return count;
}();
template <>
inline constexpr std::size_t count_of<bool> = 2;

}  // namespace truestep::axes
