// SPDX-License-Identifier: Apache-2.0
#include "momentum.hpp"

#include <truestep/fast/call/rule.hpp>

namespace truestep::fast {

static void require_sensible(const MomentumHyperparameters& h) { require_weight_decay(h, false); }

template <class T>
[[gnu::noinline]] static CoefficientList<T> rounded(const MomentumHyperparameters& h,
                                                    std::uint64_t t) {
  const bool inside = h.learning_rate_site == LearningRateSite::buffer;
  const bool begins = h.first_buffer == FirstBuffer::gradient && t == 1;
  const Scaled learning_rate = scaled(h.learning_rate);
  const Scaled momentum = scaled(begins ? 0 : h.momentum);
  const DoubleDouble undampened = begins ? 1 : two_sum(1, -h.dampening);
  CoefficientList<T> list;
  list.until = begins ? 1 : largest_t;
  add<T>(list, momentum);
  if (inside) {
    add<T>(list, learning_rate * undampened);
  } else {
    add<T>(list, undampened);
    add<T>(list, learning_rate);
  }
  add_weight_decay(list, h);
  return list;
}

TRUESTEP_COMPILE_CALLS(MomentumHyperparameters, MomentumTensor);

}  // namespace truestep::fast
