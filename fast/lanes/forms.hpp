// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <truestep/fast/description.hpp>

/// What of a rule's description decides which operations its lane has. All else is in the
/// coefficients. A form is chosen before the loop, and a lane is compiled for each, so that a
/// choice costs nothing in the loop; what a default form lacks is not there.
///
/// The forms of a rule are numbered; each knows its `index`, and `at` gives the form of an index.
/// A rule's form, and the `choice` that its hyperparameters ask for, are in the file of its name.
namespace truestep::fast {

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

/// In how many parts a rule's kernels are compiled. Those of a rule with many lanes would take one
/// compiler more than a GB. CMake reads the number in the file of the rule's name.
template <class Hyperparameters>
inline constexpr std::size_t kernel_parts = 1;

/// Whether weights decay beside the step, and after it.
template <class Hyperparameters>
constexpr bool decays_after(const Hyperparameters& h) {
  return h.weight_decay != 0 && h.weight_decay_place == WeightDecay::decoupled &&
         h.weight_decay_time == DecayTime::after_step;
}

/// The first member whose value makes theta take its step as no lane does; null if there is none.
/// A rule says the same of its own choices in the file of its name, as `without_lane`.
/// @param lane_decays_after  whether the rule has a lane for decay after the step
template <class Hyperparameters>
constexpr const char* move_without_lane(const Hyperparameters& h, bool lane_decays_after = false) {
  if (h.step_sign != StepSign::descent) return "step_sign";
  if (h.weight_decay == 0 || h.weight_decay_place != WeightDecay::decoupled) return nullptr;
  if (decays_after(h) && !lane_decays_after) return "weight_decay_time";
  return h.weight_decay_scale == DecayScale::corrected_rate ? "weight_decay_scale" : nullptr;
}

/// Weight decay by 0 is none; into the sum alone, it belongs to the form of the rule that has one.
template <class Hyperparameters>
constexpr WeightDecay place_of_decay(const Hyperparameters& h) {
  return h.weight_decay == 0 || h.weight_decay_place == WeightDecay::accumulator
             ? WeightDecay::none
             : h.weight_decay_place;
}

}  // namespace truestep::fast
