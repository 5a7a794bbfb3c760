// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../support/facts.hpp"

namespace truestep::test {

template <>
struct Facts<rules::Of<fast::Rmsprop>> {
  using H = fast::RmspropHyperparameters;
  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view name) { return name == "s"; }
  static Unit unit(const H& h, std::string_view name) {
    if (name == "learning_rate") return {1, 0};
    if (name == "weight_decay") return unit_of_weight_decay(h, {1, 0}, {1, 0});
    if (name == "epsilon") return {0, fast::choice(h).form.epsilon_outside ? 1 : 2};
    if (name == "s") return {0, 2};
    if (name == "mean") return {0, 1};
    if (name == "v") return {h.learning_rate_site == fast::LearningRateSite::buffer ? 1 : 0, 0};
    return {};
  }

  static std::vector<Real> coefficients(const H& h, std::uint64_t t) {
    const Real w = 1 - Real(h.rho), correction = 1 - pow(Real(h.rho), Real(t));
    const bool buffered = h.momentum != 0;
    const bool inside = h.learning_rate_site == fast::LearningRateSite::buffer;
    std::vector<Real> exact{t == 1 && h.start == fast::Start::first_square ? Real(1) : w,
                            inside || !buffered ? Real(h.learning_rate) : Real(1), Real(h.epsilon)};
    if (h.corrected) exact.insert(exact.end(), {1 / correction, 1 / sqrt(correction)});
    if (h.centered) exact.push_back(w);
    if (buffered)
      exact.insert(exact.end(), {Real(h.momentum), inside ? Real(1) : Real(h.learning_rate)});
    add_weight_decay(exact, h);
    return exact;
  }

  static std::vector<Variant<rules::Of<fast::Rmsprop>>> further() {
    constexpr auto zero = fast::Start::constant;
    constexpr auto in_buffer = fast::LearningRateSite::buffer;
    constexpr auto inside = fast::EpsilonPlace::inside, outside = fast::EpsilonPlace::outside;
    return {{"seed with momentum", {.momentum = 0.9}},
            {"first square outside", {.epsilon_place = outside}},
            {"corrected inside", {.epsilon_place = inside, .start = zero, .corrected = true}},
            {"corrected outside", {.epsilon_place = outside, .start = zero, .corrected = true}},
            {"centered inside", {.epsilon_place = inside, .start = zero, .centered = true}},
            {"centered outside", {.epsilon_place = outside, .start = zero, .centered = true}},
            {"centered and corrected inside",
             {.epsilon_place = inside, .start = zero, .corrected = true, .centered = true}},
            {"centered and corrected outside",
             {.epsilon_place = outside, .start = zero, .corrected = true, .centered = true}},
            {"momentum inside", {.epsilon_place = inside, .start = zero, .momentum = 0.9}},
            {"centered with momentum in the buffer",
             {.epsilon_place = outside,
              .start = zero,
              .centered = true,
              .momentum = 0.9,
              .learning_rate_site = in_buffer}},
            {"keras2 with momentum",
             {.epsilon_place = fast::EpsilonPlace::inside_with_momentum,
              .start = zero,
              .momentum = 0.9,
              .learning_rate_site = in_buffer}},
            {"decay in the gradient",
             {.epsilon_place = outside,
              .start = zero,
              .weight_decay_place = fast::WeightDecay::gradient,
              .weight_decay = 0.01}},
            {"decoupled decay",
             {.epsilon_place = inside,
              .start = zero,
              .weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01}}};
  }
};

}  // namespace truestep::test
