// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../support/facts.hpp"

namespace truestep::test {

template <>
struct Facts<rules::Of<fast::Adagrad>> {
  using H = fast::AdagradHyperparameters;
  static Suite suite();

  static std::vector<std::string> never_negative() { return {"sum", "denominator"}; }

  static std::vector<Refusal<H>> refused() {
    return {{{.epsilon = INFINITY}, 1, "adagrad: epsilon = inf is outside [0, infinity)"}};
  }

  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view name) { return name == "sum"; }
  static Unit unit(const H& h, std::string_view name) {
    if (name == "learning_rate") return {1, 0};
    if (name == "weight_decay") return unit_of_weight_decay(h, {1, 0}, {1, 0});
    if (name == "epsilon") return {0, h.epsilon_place == fast::EpsilonPlace::inside ? 2 : 1};
    if (name == "sum") return {0, 2};
    return {};
  }

  static std::vector<Variant<rules::Of<fast::Adagrad>>> further() {
    constexpr auto outside = fast::EpsilonPlace::outside;
    return {{"slowed", {.learning_rate_decay = 0.01}},
            {"slowed from the first step", {.learning_rate_decay = 0.01, .first_count = 1}},
            {"no step at zero outside",
             {.epsilon_place = outside, .zero_denominator = fast::ZeroDenominator::no_step}},
            {"averaged", {.momentum = 0.9}},
            {"decay in the gradient",
             {.weight_decay_place = fast::WeightDecay::gradient, .weight_decay = 0.01}},
            {"decoupled decay",
             {.epsilon_place = outside,
              .momentum = 0.9,
              .weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01}},
            {"slowed, with decoupled decay",
             {.learning_rate_decay = 0.01,
              .weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01}},
            {"decay in the sum",
             {.epsilon_place = outside,
              .weight_decay_place = fast::WeightDecay::accumulator,
              .weight_decay = 0.01}}};
  }

  static constexpr bool divides = true;

  static constexpr std::string_view torch7_row = "adagrad";
  // Those with sqrt(sum) + epsilon, the sum starting at 0.
  static bool reaches_torch7(std::string_view convention) {
    return is_among(convention, {"paper", "pytorch", "torch7", "ensmallen", "chainer", "caffe",
                                 "onnx", "deepspeed", "apex", "mlx", "burn", "keras1", "tiny_dnn",
                                 "paddle", "bitsandbytes", "mxnet.AdaGrad@2"});
  }

  static std::vector<Situation> situations() {
    return {{"first", {0.01, 1e-8}, 1, {1, {}}},
            {"typical", {0.01, 1e-8}, 1000, {0x1.99999ap-4f, {0x1.c71c72p-3f}}},
            {"tiny_sum", {0.01, 1e-30}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p-120f}}},
            {"huge_sum", {0.01, 1e-8}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p100f}}},
            {"many_bits", {0x1.47ae14p-7, 0x1.555556p-9}, 7, {-0x1.fffffep-1f, {0x1.fffffep-1f}}},
            {"theta_0", {0.1, 1e-7}, 10, {0, {0x1.555556p-3f}}},
            {"theta_large", {0.01, 1e-8}, 100, {0x1.fffffep+23f, {0x1.aaaaaap+0f}}},
            {"epsilon_alone", {0.01, 1}, 10, {0x1.99999ap-4f, {0x1.555556p-40f}}},
            {"cancelling_theta", {0.3, 1e-8}, 1, {0x1.333334p-2f, {}}}};
  }

  static std::vector<Values> left_off() {
    return {{{"learning_rate_decay", 0.1}}, {{"momentum", 0.8}}};
  }

  static std::string map(const H& h, bool) {
    const double start = h.start == fast::Start::epsilon ? h.epsilon : h.initial_accumulator;
    return std::to_string(static_cast<int>(h.epsilon_place)) + " " + std::to_string(start) + " " +
           std::to_string(h.momentum) + move_of_map(h);
  }
  static std::vector<Values> telling() { return {{{"learning_rate", 0.01}, {"epsilon", 1e-3}}}; }
  static std::vector<Values> moving() { return {{}}; }
};

}  // namespace truestep::test
