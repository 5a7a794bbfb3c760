// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../support/facts.hpp"

namespace truestep::test {

template <>
struct Facts<rules::Of<fast::Adagrad>> {
  using H = fast::AdagradHyperparameters;
  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view name) { return name == "sum"; }
  static Unit unit(const H& h, std::string_view name) {
    if (name == "learning_rate") return {1, 0};
    if (name == "weight_decay") return unit_of_weight_decay(h, {1, 0}, {1, 0});
    if (name == "epsilon") return {0, h.epsilon_place == fast::EpsilonPlace::inside ? 2 : 1};
    if (name == "sum") return {0, 2};
    return {};
  }

  static std::vector<Real> coefficients(const H& h, std::uint64_t t) {
    std::vector<Real> exact{Real(h.learning_rate) / (1 + Real(t - 1) * Real(h.learning_rate_decay)),
                            Real(h.epsilon)};
    if (h.momentum != 0) exact.push_back(1 - Real(h.momentum));
    if (h.weight_decay != 0 && h.weight_decay_place == fast::WeightDecay::accumulator)
      exact.push_back(Real(h.weight_decay));
    add_weight_decay(exact, h);
    return exact;
  }

  static std::vector<Variant<rules::Of<fast::Adagrad>>> further() {
    constexpr auto outside = fast::EpsilonPlace::outside;
    return {{"slowed", {.learning_rate_decay = 0.01}},
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
            {"decay in the sum",
             {.epsilon_place = outside,
              .weight_decay_place = fast::WeightDecay::accumulator,
              .weight_decay = 0.01}}};
  }
};

}  // namespace truestep::test
