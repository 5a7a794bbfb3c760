// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../support/facts.hpp"

namespace truestep::test {

template <>
struct Facts<rules::Of<fast::Adadelta>> {
  using H = fast::AdadeltaHyperparameters;
  static constexpr Unit theta_unit{0, 1};
  static bool is_second_moment(std::string_view) { return true; }
  static Unit unit(const H&, std::string_view name) {
    return name == "s" || name == "u" || name == "epsilon" ? Unit{0, 2} : Unit{};
  }

  static std::vector<Real> coefficients(const H& h, std::uint64_t) {
    std::vector<Real> exact{1 - Real(h.rho), Real(h.epsilon)};
    if (h.learning_rate != 1) exact.push_back(Real(h.learning_rate));
    add_weight_decay(exact, h);
    return exact;
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
};

}  // namespace truestep::test
