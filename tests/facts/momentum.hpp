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
  static constexpr Unit theta_unit{1, 0};
  static bool is_second_moment(std::string_view) { return false; }
  static Unit unit(const H& h, std::string_view name) { return unit_in_momentum(h, name); }

  static std::vector<Real> coefficients(const H& h, std::uint64_t t) {
    const bool begins = t == 1 && h.first_buffer == fast::FirstBuffer::gradient;
    const Real momentum = begins ? Real(0) : Real(h.momentum);
    const Real gain = begins ? Real(1) : 1 - Real(h.dampening);
    std::vector<Real> exact{momentum};
    if (h.learning_rate_site == fast::LearningRateSite::buffer)
      exact.push_back(Real(h.learning_rate) * gain);
    else
      exact.insert(exact.end(), {gain, Real(h.learning_rate)});
    add_weight_decay(exact, h);
    return exact;
  }

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
};

}  // namespace truestep::test
