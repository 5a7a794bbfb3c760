// SPDX-License-Identifier: Apache-2.0
#include "adagrad.hpp"

#include <truestep/fast/call/rule.hpp>

namespace truestep::fast {

static void require_sensible(const AdagradHyperparameters& h) {
  require_weight_decay(h, true);
  require_sense(h.start != Start::first_square, Adagrad::name,
                "a sum has no weight by which its first step could forget its start");
  require_sense(h.epsilon_place == EpsilonPlace::inside || h.epsilon_place == EpsilonPlace::outside,
                Adagrad::name, "epsilon goes inside the root or outside it");
}

template <class T>
[[gnu::noinline]] static CoefficientList<T> rounded(const AdagradHyperparameters& h,
                                                    std::uint64_t t) {
  const DoubleDouble slowed = 1 + counted(h.first_count + (t - 1)) * h.learning_rate_decay;
  CoefficientList<T> list;
  list.until = h.learning_rate_decay == 0 ? largest_t : t;
  const Scaled rate = scaled(h.learning_rate) / slowed;
  add<T>(list, rate);
  add<T>(list, scaled(h.epsilon));
  const auto form = choice(h).form;
  if (form.averaged) add<T>(list, two_sum(1, -h.momentum));
  if (form.decays_sum) add<T>(list, scaled(h.weight_decay));
  add_weight_decay(list, h, rate);
  return list;
}

TRUESTEP_COMPILE_CALLS(AdagradHyperparameters, AdagradTensor);

}  // namespace truestep::fast
