// SPDX-License-Identifier: Apache-2.0
#include "further.hpp"

namespace truestep::hashes {

template <>
struct Forms<Adagrad> {
  static constexpr std::array is_signed{false, true};
  static AdagradHyperparameters description(AdagradForm form) {
    AdagradHyperparameters h;
    if (form.epsilon_outside) h.epsilon_place = EpsilonPlace::outside;
    if (form.no_step_at_zero) h.zero_denominator = ZeroDenominator::no_step;
    if (form.averaged) h.momentum = 0.9;
    return form.decays_sum ? with_decay(h, WeightDecay::accumulator) : h;
  }

  template <class T>
  static void add(const std::string& type, Hashes& hashes) {
    add_forms<T, Adagrad>(type, hashes);
  }
};

template void add_rule<Adagrad>(Hashes&);

}  // namespace truestep::hashes
