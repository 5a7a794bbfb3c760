// SPDX-License-Identifier: Apache-2.0
#include "further.hpp"

namespace truestep::hashes {

template <>
struct Forms<Adam> {
  static constexpr std::array is_signed{true, false, false};
  static AdamHyperparameters description(AdamForm form) {
    AdamHyperparameters h{.epsilon_root = form.epsilon_in_root ? 1e-6 : 0, .amsgrad = form.amsgrad};
    if (form.largest_corrected) h.largest_of = LargestOf::corrected;
    if (form.ahead) h.moment_ahead = MomentAhead::own_corrections;
    if (!form.decays_after) return h;
    h.weight_decay_time = DecayTime::after_step;
    return with_decay(h, WeightDecay::decoupled);
  }

  template <class T>
  static void add(const std::string& type, Hashes& hashes) {
    add_forms<T, Adam>(type, hashes);
  }
};

template void add_rule<Adam>(Hashes&);

}  // namespace truestep::hashes
