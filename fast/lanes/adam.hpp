// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <truestep/fast/adam.hpp>

#include "forms.hpp"

namespace truestep::fast {

struct AdamForm {
  bool epsilon_in_root =
      false;  ///< besides the one outside it, maybe 0 where the form is one below
  bool amsgrad = false;
  bool ahead = false;              ///< Nesterov's gradient on top of m; without AMSGrad
  bool largest_corrected = false;  ///< AMSGrad of the corrected v; `at` and `index` leave it out
  bool decays_after = false;       ///< weights, the step; so do they this

  static constexpr std::size_t ordinary = 4, count = ordinary + 1;
  static constexpr AdamForm at(std::size_t i) {
    if (i == ordinary) return {.epsilon_in_root = true, .ahead = true};
    return {(i & 1) != 0, (i & 2) != 0};
  }
  constexpr std::size_t index() const {
    return ahead ? ordinary : (epsilon_in_root ? 1 : 0) + (amsgrad ? 2 : 0);
  }
};

/// The two forms that come last have no weight decay around them: AMSGrad of the corrected v is
/// shipped without, and decay after the step is a part of the step.
template <>
struct Choice<AdamForm> {
  AdamForm form;
  WeightDecay decay = WeightDecay::none;

  static constexpr std::size_t decayed = AdamForm::count * decay_places;
  static constexpr std::size_t count = decayed + 2;
  static constexpr Choice at(std::size_t i) {
    if (i < decayed) return {AdamForm::at(i / decay_places), decay_place(i % decay_places)};
    if (i > decayed) return {{.decays_after = true}};
    return {{.epsilon_in_root = true, .amsgrad = true, .largest_corrected = true}};
  }
  constexpr std::size_t index() const {
    if (form.largest_corrected) return decayed;
    if (form.decays_after) return decayed + 1;
    return form.index() * decay_places + static_cast<std::size_t>(decay);
  }
};

constexpr Choice<AdamForm> choice(const AdamHyperparameters& h) {
  const bool ahead = h.moment_ahead != MomentAhead::none;
  const bool corrected = h.amsgrad && h.largest_of == LargestOf::corrected;
  return {{.epsilon_in_root = h.epsilon_root != 0 || ahead || corrected,
           .amsgrad = h.amsgrad,
           .ahead = ahead,
           .largest_corrected = corrected,
           .decays_after = decays_after(h)},
          decays_after(h) ? WeightDecay::none : place_of_decay(h)};
}

/// Whether weight decay does something else than to shrink theta by one amount, before the step or
/// after it; the member that says so, or null.
constexpr const char* decay_without_lane(const AdamHyperparameters& h) {
  if (h.weight_decay_post != 0) return "weight_decay_post";
  if (h.schedule_multiplier != 1) return "schedule_multiplier";
  if (h.weight_decay == 0 || h.weight_decay_place != WeightDecay::decoupled) return nullptr;
  return h.weight_decay_mask != DecayMask::none ? "weight_decay_mask" : nullptr;
}

constexpr const char* without_lane(const AdamHyperparameters& h) {
  if (h.learning_rate_decay != 0) return "learning_rate_decay";
  if (h.bias_correction != BiasCorrection::divides && (h.corrects_m || h.corrects_v))
    return "bias_correction";
  if (h.state_used != StateUsed::current) return "state_used";
  const auto form = choice(h).form;
  if (form.ahead && (h.amsgrad || h.beta1_decay != 1)) return "moment_ahead";
  if (form.largest_corrected && h.weight_decay != 0) return "largest_of";
  if (form.decays_after && (form.epsilon_in_root || form.amsgrad)) return "weight_decay_time";
  if (const char* const member = decay_without_lane(h); member != nullptr) return member;
  return move_without_lane(h, true);
}

}  // namespace truestep::fast
