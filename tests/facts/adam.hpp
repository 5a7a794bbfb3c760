// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../support/facts.hpp"

namespace truestep::test {

template <>
struct Facts<rules::Of<fast::Adam>> {
  using H = fast::AdamHyperparameters;
  static Suite suite();

  static std::vector<std::string> never_negative() { return {"v", "denominator"}; }

  static std::vector<Refusal<H>> refused() {
    return {{{.beta2 = 1}, 1, "adam: beta2 = 1 is outside [0, 1)"},
            {{}, 0, "adam: t = 0 is outside [1, 2^63]"}};
  }

  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view name) { return name != "m"; }
  static Unit unit(const H& h, std::string_view name) {
    if (name == "learning_rate") return {1, 0};
    if (name == "weight_decay") return unit_of_weight_decay(h, {1, 0}, {1, 0});
    if (name == "epsilon" || name == "m") return {0, 1};
    if (name == "epsilon_root" || name == "v" || name == "v_max") return {0, 2};
    return {};
  }

  static std::vector<Variant<rules::Of<fast::Adam>>> further() {
    constexpr auto before = fast::EpsilonFrame::before_correction;
    return {{"amsgrad", {.amsgrad = true}},
            {"amsgrad before the correction", {.epsilon_frame = before, .amsgrad = true}},
            {"two epsilons", {.epsilon_root = 1e-8}},
            {"two epsilons before the correction", {.epsilon_frame = before, .epsilon_root = 1e-8}},
            {"amsgrad with two epsilons", {.epsilon_root = 1e-8, .amsgrad = true}},
            {"m alone corrected", {.corrects_v = false}},
            {"v alone corrected", {.corrects_m = false}},
            {"first power 0", {.first_power = 0}},
            {"second of two tensors", {.first_power = 2}},
            {"frozen counter", {.counter_stride = 0}},
            {"beta1 decaying", {.beta1_decay = 0.5}},
            {"decay in the gradient",
             {.weight_decay_place = fast::WeightDecay::gradient, .weight_decay = 0.01}},
            {"decoupled decay",
             {.weight_decay_place = fast::WeightDecay::decoupled, .weight_decay = 0.01}},
            {"ahead by one correction",
             {.epsilon_frame = before, .moment_ahead = fast::MomentAhead::same_correction}},
            {"ahead by one correction, decay in the gradient",
             {.epsilon_frame = before,
              .moment_ahead = fast::MomentAhead::same_correction,
              .weight_decay_place = fast::WeightDecay::gradient,
              .weight_decay = 0.01}},
            {"ahead by its own corrections", {.moment_ahead = fast::MomentAhead::own_corrections}},
            {"ahead by its own corrections, decoupled decay",
             {.moment_ahead = fast::MomentAhead::own_corrections,
              .weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01}},
            {"amsgrad of the corrected v",
             {.epsilon_root = 1e-8, .amsgrad = true, .largest_of = fast::LargestOf::corrected}},
            {"decay after the step, before the correction",
             {.epsilon_frame = before,
              .weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01,
              .weight_decay_time = fast::DecayTime::after_step}},
            {"decay after the step by its own amount",
             {.weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01,
              .weight_decay_time = fast::DecayTime::after_step,
              .weight_decay_scale = fast::DecayScale::one}},
            {"decay by its own amount",
             {.weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01,
              .weight_decay_scale = fast::DecayScale::one}},
            {"amsgrad with decoupled decay",
             {.amsgrad = true,
              .weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01}}};
  }

  static constexpr bool divides = true;

  static constexpr std::string_view torch7_row = "adam";
  // Nobody else's beta1 decays, which shows in the eighth decimal; so does epsilon's frame.
  static bool reaches_torch7(std::string_view convention) {
    return convention == "torch7.adam@2015";
  }

  static std::vector<Situation> situations() {
    return {{"first", {0.001, 0.9, 0.999, 1e-8}, 1, {1, {}}},
            {"typical",
             {0.001, 0.9, 0.999, 1e-8},
             1000,
             {0x1.99999ap-4f, {-0x1.3a92a4p-9f, 0x1.c71c72p-15f}}},
            {"tiny_v",
             {0.001, 0.9, 0.999, 1e-8},
             1000,
             {0x1.99999ap-4f, {0x1.3a92a4p-58f, 0x1.6a09e6p-110f}}},
            {"huge_v",
             {0.001, 0.9, 0.999, 1e-8},
             1000,
             {0x1.99999ap-4f, {0x1.3a92a4p+49f, 0x1.6a09e6p+100f}}},
            {"many_bits",
             {0x1.47ae14p-7, 1 - 0x1.999998p-4, 1 - 0x1.47ae14p-7, 0x1.555556p-9},
             7,
             {-0x1.fffffep-1f, {0x1.fffffep-1f, 0x1.fffffep-1f}}},
            {"theta_0", {0.01, 0.9, 0.99, 1e-7}, 10, {0, {0x1.555556p-3f, 0x1.99999ap-5f}}},
            {"theta_large",
             {0.001, 0.9, 0.999, 1e-8},
             100,
             {0x1.fffffep+23f, {-0x1.aaaaaap+0f, 0x1.c71c72p+2f}}},
            {"epsilon_alone",
             {0.001, 0.9, 0.999, 1},
             10,
             {0x1.99999ap-4f, {0x1.555556p-20f, 0x1.c71c72p-40f}}},
            {"cancelling_m",
             {0.3, 0.9, 0.999, 1e-8},
             2,
             {0x1p-20f, {-0x1.249248p-3f, 0x1.47ae14p-10f}}},
            {"cancelling_theta", {0.3, 0.9, 0.999, 1e-8}, 1, {0x1.333334p-2f, {}}}};
  }

  static std::vector<Values> left_off() {
    return {{{"amsgrad", 1}},
            {{"beta1", 0}},
            {{"epsilon_root", 1e-6}},
            {{"beta1_decay", 0.5}},
            {{"weight_decay_post", 0.125}, {"schedule_multiplier", 0.5}}};
  }

  static std::string corrections_of_map(const H& h) {
    if (!h.corrects_m && !h.corrects_v) return "";
    return std::to_string(h.first_power) + " " + std::to_string(h.counter_stride) +
           std::string(word(h.bias_correction));
  }
  // Torch 7's decay of beta1 by 1e-8 a step: only a run in double shows it.
  static std::string map(const H& h, bool in_double) {
    return (h.corrects_v ? std::string(word(h.epsilon_frame)) : "") +
           (h.epsilon_root != 0 ? "root" : "") + std::to_string(h.corrects_m) +
           std::to_string(h.corrects_v) + corrections_of_map(h) +
           (h.amsgrad ? word(h.largest_of) : "").data() + word(h.moment_ahead).data() +
           word(h.state_used).data() + word(h.moments_start).data() + move_of_map(h) +
           std::to_string(h.weight_decay_post) + std::to_string(h.schedule_multiplier) +
           (in_double && h.beta1_decay != 1 ? " decaying" : "");
  }
  static std::vector<Values> telling() {
    return {{{"learning_rate", 0.01}, {"beta1", 0.9}, {"beta2", 0.99}, {"epsilon", 1e-3}},
            {{"amsgrad", 1}}};
  }
  static std::vector<Values> moving() {
    return {{}, {{"beta1", 0.3}, {"beta2", 0.4}, {"amsgrad", 1}}};
  }
};

}  // namespace truestep::test
