// SPDX-License-Identifier: Apache-2.0
#include "rmsprop.hpp"

#include <truestep/fast/call/rule.hpp>

namespace truestep::fast {

static void require_sensible(const RmspropHyperparameters& h) {
  require_weight_decay(h, false);
  const bool in_state = h.epsilon_place == EpsilonPlace::in_state;
  require_sense(!in_state || !h.centered, Rmsprop::name,
                "a centered mean square has no room for epsilon in the state");
  require_sense(!in_state || !h.corrected, Rmsprop::name,
                "the correction would magnify an epsilon in the state");
  const bool inside = h.epsilon_place == EpsilonPlace::inside ||
                      (h.epsilon_place == EpsilonPlace::inside_with_momentum && h.momentum != 0) ||
                      (h.epsilon_place == EpsilonPlace::inside_when_centered && h.centered);
  require_sense(inside || h.epsilon_sign == EpsilonSign::added, Rmsprop::name,
                "epsilon is subtracted inside the root alone");
  require_sense(h.start != Start::first_square || !h.corrected, Rmsprop::name,
                "a mean that starts at the first square has no bias to correct");
}

template <class T>
[[gnu::noinline]] static CoefficientList<T> rounded(const RmspropHyperparameters& h,
                                                    std::uint64_t t) {
  const auto form = choice(h).form;
  const bool begins = h.start == Start::first_square && t == 1;
  const bool inside = h.learning_rate_site == LearningRateSite::buffer;
  const DoubleDouble w = two_sum(1, -h.rho);
  const Scaled learning_rate = scaled(h.learning_rate), one(1);
  CoefficientList<T> list;
  list.until = form.corrected || begins ? t : largest_t;
  add<T>(list, begins ? 1 : w);
  add<T>(list, inside || !form.buffered ? learning_rate : one);
  add<T>(list, scaled(h.epsilon));
  if (form.corrected) {
    const auto [q, root] = corrections({h.rho, h.rho}, t);
    add<T>(list, 1 / q[1]);
    add<T>(list, root);
  }
  if (form.centered) add<T>(list, w);
  if (form.buffered) {
    add<T>(list, scaled(h.momentum));
    add<T>(list, inside ? one : learning_rate);
  }
  add_weight_decay(list, h);
  return list;
}

TRUESTEP_COMPILE_CALLS(RmspropHyperparameters, RmspropTensor);

}  // namespace truestep::fast
