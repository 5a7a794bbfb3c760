// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../support/facts.hpp"

namespace truestep::test {

template <class H>
Unit unit_in_momentum(const H& h, std::string_view name) {
  const bool inside = h.learning_rate_site == fast::LearningRateSite::buffer;
  if (name == "learning_rate") return {1, -1};
  if (name == "weight_decay") return unit_of_weight_decay(h, {1, -1}, {1, 0});
  if (name == "v") return inside ? Unit{1, 0} : Unit{0, 1};
  return {};
}

template <>
struct Facts<rules::Of<fast::Momentum>> {
  using H = fast::MomentumHyperparameters;
  static Suite suite();

  static std::vector<std::string> never_negative() { return {}; }

  static std::vector<Refusal<H>> refused() {
    return {{{.learning_rate = -1}, 1, "momentum: learning_rate = -1 is outside [0, infinity)"}};
  }

  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view) { return false; }
  static Unit unit(const H& h, std::string_view name) { return unit_in_momentum(h, name); }

  static std::vector<Variant<rules::Of<fast::Momentum>>> further() {
    return {
        {"dampened", {.dampening = 0.1}},
        {"dampened outside",
         {.dampening = 0.1, .learning_rate_site = fast::LearningRateSite::step}},
        {"first gradient inside", {.dampening = 0.1, .first_buffer = fast::FirstBuffer::gradient}},
        {"decay in the gradient",
         {.weight_decay_place = fast::WeightDecay::gradient, .weight_decay = 0.01}},
        {"decoupled decay",
         {.learning_rate_site = fast::LearningRateSite::step,
          .weight_decay_place = fast::WeightDecay::decoupled,
          .weight_decay = 0.01}}};
  }

  static constexpr bool divides = false;

  static constexpr std::string_view torch7_row = "momentum";
  // Undamped, at one learning rate, all are one map. Some dampen, and some decay weights by
  // default.
  static bool reaches_torch7(std::string_view convention) {
    return !is_among(convention,
                     {"burn", "torch7", "hips_autograd", "megatron", "dlib", "darknet"});
  }

  static std::vector<Situation> situations() {
    return {
        {"first", {0.01, 0.9}, 1, {1, {}}},
        {"typical", {0.01, 0.9}, 1000, {0x1.99999ap-4f, {-0x1.3a92a4p-9f}}},
        {"tiny_v", {0.01, 0.9}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p-120f}}},
        {"huge_v", {0.01, 0.9}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p100f}}},
        {"many_bits", {0x1.47ae14p-7, 1 - 0x1.999998p-4}, 7, {-0x1.fffffep-1f, {0x1.fffffep-1f}}},
        {"theta_0", {0.1, 0.5}, 10, {0, {0x1.555556p-3f}}},
        {"theta_large", {0.001, 0.99}, 100, {0x1.fffffep+23f, {-0x1.aaaaaap+0f}}},
        {"cancelling_v", {0.3, 0.7}, 2, {0x1p-20f, {0x1.249248p+1f}}},
        {"cancelling_theta", {0.3, 0.7}, 2, {-0x1.99999ap+0f, {0x1.249248p+1f}}}};
  }

  static std::vector<Values> left_off() { return {{{"momentum", 0}}}; }

  static std::string map(const H& h, bool) {
    const bool undamped = h.first_buffer == fast::FirstBuffer::gradient && h.dampening != 0;
    return std::to_string(h.dampening) + (undamped ? "undamped " : "") + move_of_map(h);
  }
  static std::vector<Values> telling() {
    return {{{"learning_rate", 0.01}, {"momentum", 0.9}}, {{"dampening", 0.3}}};
  }
  static std::vector<Values> moving() { return {{{"dampening", 0.3}}}; }
};

}  // namespace truestep::test
