// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../support/facts.hpp"

namespace truestep::test {

template <>
struct Facts<rules::Of<fast::Adadelta>> {
  using H = fast::AdadeltaHyperparameters;
  static Suite suite();

  static std::vector<std::string> never_negative() { return {"s", "rate", "u"}; }

  static std::vector<Refusal<H>> refused() {
    return {{{.rho = -0.5}, 1, "adadelta: rho = -0.5 is outside [0, 1)"}};
  }

  static constexpr Unit theta_unit{0, 1};
  static bool is_second_moment(std::string_view) { return true; }
  static Unit unit(const H&, std::string_view name) {
    return name == "s" || name == "u" || name == "epsilon" ? Unit{0, 2} : Unit{};
  }

  static std::vector<Variant<rules::Of<fast::Adadelta>>> further() {
    return {{"accumulates scaled", {.learning_rate = 0.5, .accumulates_scaled = true}},
            {"decay in the gradient",
             {.weight_decay_place = fast::WeightDecay::gradient, .weight_decay = 0.01}},
            {"decoupled decay",
             {.learning_rate = 0.5,
              .weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01}}};
  }

  static constexpr bool divides = true;

  static constexpr std::string_view torch7_row = "adadelta";
  // One map with a learning rate of 1, which the row leaves to the convention.
  static bool reaches_torch7(std::string_view convention) {
    return !is_among(convention, {"tensorflow1", "tf_keras", "keras_legacy", "keras3",
                                  "tensorflow_js", "paddle"});
  }

  static std::vector<Situation> situations() {
    return {
        {"first", {0.95, 1e-6}, 1, {1, {}}},
        {"typical", {0.95, 1e-6}, 1000, {0x1.99999ap-4f, {0x1.c71c72p-9f, 0x1.3a92a4p-15f}}},
        {"tiny_s_u", {0.95, 1e-30}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p-110f, 0x1.c71c72p-112f}}},
        {"huge_s", {0.95, 1e-6}, 1000, {0x1.99999ap-4f, {0x1.6a09e6p100f, 0x1.c71c72p-3f}}},
        {"many_bits", {0.9, 0x1.555556p-9}, 7, {-0x1.fffffep-1f, {0x1.fffffep-1f, 0x1.fffffep-3f}}},
        {"theta_0", {0.9, 1e-7}, 10, {0, {0x1.555556p-3f, 0x1.99999ap-11f}}},
        {"theta_large", {0.95, 1e-6}, 100, {0x1.fffffep+23f, {0x1.aaaaaap+0f, 0x1.c71c72p-3f}}},
        {"epsilon_alone", {0.95, 1}, 10, {0x1.99999ap-4f, {0x1.555556p-40f, 0x1.c71c72p-44f}}},
        {"cancelling_theta", {0.95, 1e-6}, 1, {0x1.2514f4p-8f, {}}}};
  }

  static std::vector<Values> left_off() {
    return {{{"accumulates_scaled", 1}, {"learning_rate", 0.5}}};
  }

  static std::string map(const H& h, bool) {
    return std::string(word(h.state_used)) + move_of_map(h);
  }
  static std::vector<Values> telling() {
    return {{{"learning_rate", 0.5}, {"rho", 0.9}, {"epsilon", 1e-4}}};
  }
  static std::vector<Values> moving() { return {{{"learning_rate", 0.5}}}; }
};

}  // namespace truestep::test
