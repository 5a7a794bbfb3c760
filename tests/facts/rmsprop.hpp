// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../support/facts.hpp"

namespace truestep::test {

template <>
struct Facts<rules::Of<fast::Rmsprop>> {
  using H = fast::RmspropHyperparameters;
  static Suite suite();

  static std::vector<std::string> never_negative() { return {"s", "sigma"}; }

  static std::vector<Refusal<H>> refused() {
    return {{{}, (1ULL << 63) + 1, "rmsprop: t = 9223372036854775809 is outside [1, 2^63]"}};
  }

  /// Whether a step takes the root of what may be negative, and of which states: s and the mean.
  static bool roots_of_differences(const H& h) {
    return h.centered && h.negative_variance == fast::NegativeVariance::kept;
  }
  static constexpr std::size_t states_before_the_root = 2;
  template <class Seen>
  static bool may_be_negative(const Seen& seen) {
    const auto variance = seen[0] - seen[1] * seen[1];
    return !(variance.value >= variance.radius);
  }

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
            {"centered, negative kept, inside",
             {.epsilon_place = inside,
              .start = zero,
              .centered = true,
              .negative_variance = fast::NegativeVariance::kept}},
            {"centered, negative kept, outside",
             {.epsilon_place = outside,
              .start = zero,
              .centered = true,
              .negative_variance = fast::NegativeVariance::kept}},
            {"centered, negative kept, with momentum in the buffer",
             {.epsilon_place = inside,
              .start = zero,
              .centered = true,
              .negative_variance = fast::NegativeVariance::kept,
              .momentum = 0.9,
              .learning_rate_site = in_buffer,
              .weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01}},
            {"centered, negative kept, with momentum in the step",
             {.epsilon_place = outside,
              .start = zero,
              .centered = true,
              .negative_variance = fast::NegativeVariance::kept,
              .momentum = 0.9,
              .weight_decay_place = fast::WeightDecay::gradient,
              .weight_decay = 0.01}},
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

  static constexpr bool divides = true;

  static constexpr std::string_view torch7_row = "rmsprop";
  // Those with sqrt(s) + epsilon, s starting at 0, and no momentum, which burn has.
  static bool reaches_torch7(std::string_view convention) {
    return is_among(convention,
                    {"paper", "pytorch", "torch7", "keras_legacy", "keras1", "bitsandbytes",
                     "ensmallen", "chainer", "mxnet.RMSProp@2", "caffe", "optimisers_jl", "mlx"});
  }

  static std::vector<Situation> situations() {
    return {{"first", {0.001, 0.9, 1e-8}, 1, {1, {}}},
            {"typical", {0.001, 0.9, 1e-8}, 1000, {0x1.99999ap-4f, {0x1.c71c72p-9f}}},
            {"tiny_s", {0.001, 0.9, 1e-30}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p-110f}}},
            {"huge_s", {0.001, 0.9, 1e-8}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p100f}}},
            {"many_bits",
             {0x1.47ae14p-7, 1 - 0x1.999998p-4, 0x1.555556p-9},
             7,
             {-0x1.fffffep-1f, {0x1.fffffep-1f}}},
            {"theta_0", {0.01, 0.99, 1e-7}, 10, {0, {0x1.555556p-3f}}},
            {"theta_large", {0.001, 0.9, 1e-8}, 100, {0x1.fffffep+23f, {0x1.aaaaaap+0f}}},
            {"epsilon_alone", {0.001, 0.9, 1}, 10, {0x1.99999ap-4f, {0x1.555556p-40f}}},
            {"cancelling_theta", {0.3, 0.9, 1e-8}, 1, {0x1.333334p-2f, {}}}};
  }

  static std::vector<Values> left_off() {
    return {{{"momentum", 0.8}}, {{"centered", 1}, {"corrected", 1}}};
  }

  static std::string map(const H& h, bool) {
    using enum fast::EpsilonPlace;
    auto place = h.epsilon_place;
    if (place == inside_with_momentum) place = h.momentum > 0 ? inside : outside;
    if (place == inside_when_centered) place = h.centered ? inside : outside;
    return std::to_string(static_cast<int>(place)) + " " +
           std::to_string(static_cast<int>(h.start)) + " " + std::to_string(h.initial_accumulator) +
           " " + std::to_string(h.momentum) + (h.momentum > 0 && h.nesterov_trace ? "ahead" : "") +
           word(h.epsilon_sign).data() + move_of_map(h);
  }
  static std::vector<Values> telling() {
    return {{{"learning_rate", 0.01}, {"rho", 0.9}, {"epsilon", 1e-3}},
            {{"momentum", 0.8}},
            {{"centered", 1}}};
  }
  static std::vector<Values> moving() {
    return {{}, {{"epsilon", 1e-2}, {"momentum", 0.8}, {"centered", 1}}};
  }
};

}  // namespace truestep::test
