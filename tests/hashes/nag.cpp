// SPDX-License-Identifier: Apache-2.0
#include "further.hpp"

namespace truestep::hashes {

template <>
struct Forms<Nag> {
  static constexpr std::array is_signed{true};
  static NagHyperparameters description(MomentumForm form) {
    NagHyperparameters h;
    if (form.move == Move::nesterov) h.nesterov = NesterovForm::stored_point;
    if (form.move == Move::sum) h.nesterov = NesterovForm::squared_momentum;
    if (form.move == Move::scaled_buffer) h.learning_rate_site = LearningRateSite::step;
    return h;
  }

  template <class T>
  static void add(const std::string& type, Hashes& hashes) {
    add_forms<T, Nag>(type, hashes);
    hashes["nag_look_ahead " + type] =
        hash_of_steps<T>(true, [](auto, auto& theta, auto* states, auto&) {
          look_ahead({}, LookAhead<T>{.theta = theta, .v = states[0], .point = states[1]});
          theta.swap(states[1]);
        });
  }
};

template void add_rule<Nag>(Hashes&);

}  // namespace truestep::hashes
