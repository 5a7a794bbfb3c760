#pragma once

#include <cstddef>

#include <truestep/fast/adadelta.hpp>
#include <truestep/fast/adagrad.hpp>
#include <truestep/fast/adam.hpp>
#include <truestep/fast/momentum.hpp>
#include <truestep/fast/nag.hpp>
#include <truestep/fast/rmsprop.hpp>

/// What of a rule's description decides which operations its lane has. All else is in the
/// coefficients. A form is chosen before the loop, and a lane is compiled for each, so that a
/// choice costs nothing in the loop; what a default form lacks is not there.
///
/// The forms of a rule are numbered; each knows its `index`, and `at` gives the form of an index.
namespace truestep::fast {

/// theta moves by the buffer; by learning_rate times the buffer; by Nesterov's sum of the buffer
/// and the gradient, with the factors that the buffer's own recurrence has; or by any such sum.
enum class Move { buffer, scaled_buffer, nesterov, sum };

struct MomentumForm {
  Move move = Move::buffer;

  static constexpr std::size_t count = 4;
  static constexpr MomentumForm at(std::size_t i) { return {static_cast<Move>(i)}; }
  constexpr std::size_t index() const { return static_cast<std::size_t>(move); }
};

struct AdagradForm {
  bool epsilon_outside = false, no_step_at_zero = false, averaged = false;
  bool decays_sum = false;  ///< weight decay enters the sum alone; `at` and `index` leave it out

  static constexpr std::size_t count = 8;
  static constexpr AdagradForm at(std::size_t i) {
    return {(i & 1) != 0, (i & 2) != 0, (i & 4) != 0};
  }
  constexpr std::size_t index() const {
    return (epsilon_outside ? 1 : 0) + (no_step_at_zero ? 2 : 0) + (averaged ? 4 : 0);
  }
};

struct AdadeltaForm {
  bool scaled = false;              ///< by a learning rate that is not 1
  bool accumulates_scaled = false;  ///< only where scaled

  static constexpr std::size_t count = 3;
  static constexpr AdadeltaForm at(std::size_t i) { return {i > 0, i > 1}; }
  constexpr std::size_t index() const { return (scaled ? 1 : 0) + (accumulates_scaled ? 1 : 0); }
};

struct RmspropForm {
  bool buffered = false;
  bool epsilon_in_state = true;  ///< then the rest is false
  bool epsilon_outside = false, corrected = false, centered = false;

  static constexpr std::size_t count = 18;
  static constexpr RmspropForm at(std::size_t i) {
    if (i < 2) return {.buffered = i == 1};
    const std::size_t rest = (i - 2) / 2;
    return {i % 2 == 1, false, (rest & 1) != 0, (rest & 2) != 0, (rest & 4) != 0};
  }
  constexpr std::size_t index() const {
    const std::size_t rest = (epsilon_outside ? 1 : 0) + (corrected ? 2 : 0) + (centered ? 4 : 0);
    return (buffered ? 1 : 0) + (epsilon_in_state ? 0 : 2 + 2 * rest);
  }
};

struct AdamForm {
  bool epsilon_in_root = false;  ///< besides the one outside it
  bool amsgrad = false;

  static constexpr std::size_t count = 4;
  static constexpr AdamForm at(std::size_t i) { return {(i & 1) != 0, (i & 2) != 0}; }
  constexpr std::size_t index() const { return (epsilon_in_root ? 1 : 0) + (amsgrad ? 2 : 0); }
};

/// Weight decay that every lane takes alike: none, gradient or decoupled.
inline constexpr std::size_t decay_places = 3;
constexpr WeightDecay decay_place(std::size_t i) { return static_cast<WeightDecay>(i); }

/// A form together with the place of its weight decay.
template <class Form>
struct Choice {
  Form form;
  WeightDecay decay = WeightDecay::none;

  static constexpr std::size_t count = Form::count * decay_places;
  static constexpr Choice at(std::size_t i) {
    return {Form::at(i / decay_places), decay_place(i % decay_places)};
  }
  constexpr std::size_t index() const {
    return form.index() * decay_places + static_cast<std::size_t>(decay);
  }
};

/// Adagrad has a place more: decay that enters the sum alone excludes the others, and comes last.
template <>
struct Choice<AdagradForm> {
  AdagradForm form;
  WeightDecay decay = WeightDecay::none;

  static constexpr std::size_t ordinary = AdagradForm::count * decay_places;
  static constexpr std::size_t count = ordinary + AdagradForm::count;
  static constexpr Choice at(std::size_t i) {
    if (i < ordinary) return {AdagradForm::at(i / decay_places), decay_place(i % decay_places)};
    Choice choice{AdagradForm::at(i - ordinary)};
    choice.form.decays_sum = true;
    return choice;
  }
  constexpr std::size_t index() const {
    if (form.decays_sum) return ordinary + form.index();
    return form.index() * decay_places + static_cast<std::size_t>(decay);
  }
};

/// Weight decay by 0 is none; into the sum alone, it belongs to Adagrad's form.
template <class Hyperparameters>
constexpr WeightDecay place_of_decay(const Hyperparameters& h) {
  return h.weight_decay == 0 || h.weight_decay_place == WeightDecay::accumulator
             ? WeightDecay::none
             : h.weight_decay_place;
}

/// The forms that descriptions ask for.
constexpr Choice<MomentumForm> choice(const MomentumHyperparameters& h) {
  return {{h.learning_rate_site == LearningRateSite::buffer ? Move::buffer : Move::scaled_buffer},
          place_of_decay(h)};
}

/// Whether Nesterov's sum has, at every step, the factors of the buffer's recurrence.
constexpr bool shares_factors(const NagHyperparameters& h) {
  return h.nesterov != NesterovForm::squared_momentum && h.dampening == 0 &&
         h.learning_rate_site == LearningRateSite::buffer &&
         h.first_buffer == FirstBuffer::recurrence;
}

constexpr Choice<MomentumForm> choice(const NagHyperparameters& h) {
  if (h.nesterov != NesterovForm::look_ahead)
    return {{shares_factors(h) ? Move::nesterov : Move::sum}, place_of_decay(h)};
  return {{h.learning_rate_site == LearningRateSite::buffer ? Move::buffer : Move::scaled_buffer},
          place_of_decay(h)};
}

constexpr Choice<AdagradForm> choice(const AdagradHyperparameters& h) {
  return {{.epsilon_outside = h.epsilon_place == EpsilonPlace::outside,
           .no_step_at_zero = h.zero_denominator == ZeroDenominator::no_step,
           .averaged = h.momentum != 0,
           .decays_sum = h.weight_decay != 0 && h.weight_decay_place == WeightDecay::accumulator},
          place_of_decay(h)};
}

constexpr Choice<AdadeltaForm> choice(const AdadeltaHyperparameters& h) {
  const bool scaled = h.learning_rate != 1;
  return {{.scaled = scaled, .accumulates_scaled = scaled && h.accumulates_scaled},
          place_of_decay(h)};
}

constexpr Choice<RmspropForm> choice(const RmspropHyperparameters& h) {
  const auto place = h.epsilon_place;
  return {{.buffered = h.momentum != 0,
           .epsilon_in_state = place == EpsilonPlace::in_state,
           .epsilon_outside = place == EpsilonPlace::outside ||
                              (place == EpsilonPlace::inside_with_momentum && h.momentum == 0) ||
                              (place == EpsilonPlace::inside_when_centered && !h.centered),
           .corrected = h.corrected,
           .centered = h.centered},
          place_of_decay(h)};
}

constexpr Choice<AdamForm> choice(const AdamHyperparameters& h) {
  return {{.epsilon_in_root = h.epsilon_root != 0, .amsgrad = h.amsgrad}, place_of_decay(h)};
}

}  // namespace truestep::fast
