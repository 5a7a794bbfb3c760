// SPDX-License-Identifier: Apache-2.0
#include "further.hpp"

namespace truestep::hashes {

template <>
struct Forms<Rmsprop> {
  static constexpr std::array is_signed{false, true, true};
  static RmspropHyperparameters description(RmspropForm form) {
    RmspropHyperparameters h{.corrected = form.corrected, .centered = form.centered};
    if (form.buffered) h.momentum = 0.9;
    if (form.keeps_negative) h.negative_variance = NegativeVariance::kept;
    if (form.epsilon_in_state) return h;
    h.epsilon_place = form.epsilon_outside ? EpsilonPlace::outside : EpsilonPlace::inside;
    h.start = Start::constant;
    return h;
  }

  template <class T>
  static void add(const std::string& type, Hashes& hashes) {
    add_forms<T, Rmsprop>(type, hashes);
  }
};

template void add_rule<Rmsprop>(Hashes&);

}  // namespace truestep::hashes
