// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../support/facts.hpp"

namespace truestep::test {

template <>
struct Facts<rules::Of<fast::Adam>> {
  using H = fast::AdamHyperparameters;
  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view name) { return name != "m"; }
  static Unit unit(const H& h, std::string_view name) {
    if (name == "learning_rate") return {1, 0};
    if (name == "weight_decay") return unit_of_weight_decay(h, {1, 0}, {1, 0});
    if (name == "epsilon" || name == "m") return {0, 1};
    if (name == "epsilon_root" || name == "v" || name == "v_max") return {0, 2};
    return {};
  }

  static std::vector<Real> coefficients(const H& h, std::uint64_t t) {
    const Real n = (Real(t) - 1) * Real(h.counter_stride) + Real(h.first_power);
    const auto correction = [&](bool corrects, double beta) {
      return corrects && n > 0 ? 1 - pow(Real(beta), n) : Real(1);
    };
    const Real of_m = correction(h.corrects_m, h.beta1), of_v = correction(h.corrects_v, h.beta2);
    const bool before = h.epsilon_frame == fast::EpsilonFrame::before_correction;
    const bool in_root = h.epsilon_root != 0;
    std::vector<Real> exact{1 - Real(h.beta1) * pow(Real(h.beta1_decay), Real(t) - 1),
                            1 - Real(h.beta2), Real(h.learning_rate) / of_m,
                            in_root ? 1 / of_v : 1 / sqrt(of_v),
                            before ? Real(h.epsilon) / sqrt(of_v) : Real(h.epsilon)};
    if (in_root) exact.push_back(before ? Real(h.epsilon_root) / of_v : Real(h.epsilon_root));
    add_weight_decay(exact, h);
    return exact;
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
            {"decay by its own amount",
             {.weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01,
              .weight_decay_scale = fast::DecayScale::one}},
            {"amsgrad with decoupled decay",
             {.amsgrad = true,
              .weight_decay_place = fast::WeightDecay::decoupled,
              .weight_decay = 0.01}}};
  }
};

}  // namespace truestep::test
