// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "momentum.hpp"

namespace truestep::test {

template <>
struct Facts<rules::Of<fast::Nag>> {
  using H = fast::NagHyperparameters;
  static Suite suite();

  static std::vector<std::string> never_negative() { return {}; }

  static std::vector<Refusal<H>> refused() {
    return {{{.momentum = NAN}, 1, "nag: momentum = nan is outside [0, 1)"}};
  }

  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view) { return false; }
  static Unit unit(const H& h, std::string_view name) { return unit_in_momentum(h, name); }

  static std::vector<Variant<rules::Of<fast::Nag>>> further() {
    constexpr auto outside = fast::LearningRateSite::step;
    return {{"look-ahead outside", {.learning_rate_site = outside}},
            {"Chainer's outside",
             {.nesterov = fast::NesterovForm::squared_momentum, .learning_rate_site = outside}},
            {"dampened", {.dampening = 0.1, .nesterov = fast::NesterovForm::stored_point}},
            {"decay in the gradient",
             {.nesterov = fast::NesterovForm::stored_point,
              .weight_decay_place = fast::WeightDecay::gradient,
              .weight_decay = 0.01}},
            {"decoupled decay",
             {.dampening = 0.1,
              .nesterov = fast::NesterovForm::stored_point,
              .weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01}}};
  }

  static constexpr bool divides = false;

  static constexpr std::string_view torch7_row = "nesterov";
  // The look-ahead point of the seed's is what the others store. Chainer's is a map of its own.
  static bool reaches_torch7(std::string_view convention) {
    return !is_among(convention, {"chainer", "burn"});
  }

  static std::vector<Situation> situations() {
    return Facts<rules::Of<fast::Momentum>>::situations();
  }

  static std::vector<Values> left_off() { return {{{"momentum", 0}}}; }

  static std::string map(const H& h, bool) {
    using enum fast::NesterovForm;
    const bool one = h.nesterov == unrolled || h.nesterov == difference;
    const bool undamped = h.first_buffer == fast::FirstBuffer::gradient && h.dampening != 0;
    return std::to_string(static_cast<int>(one ? stored_point : h.nesterov)) +
           std::to_string(h.dampening) + (undamped ? "undamped " : "") + move_of_map(h);
  }
  static std::vector<Values> telling() { return {{{"learning_rate", 0.01}, {"momentum", 0.9}}}; }
  static std::vector<Values> moving() { return {{}}; }
};

}  // namespace truestep::test
