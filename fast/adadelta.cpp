// SPDX-License-Identifier: Apache-2.0
#include "adadelta.hpp"

#include <truestep/fast/call/rule.hpp>

namespace truestep::fast {

static void require_sensible(const AdadeltaHyperparameters& h) { require_weight_decay(h, false); }

template <class T>
[[gnu::noinline]] static CoefficientList<T> rounded(const AdadeltaHyperparameters& h,
                                                    std::uint64_t) {
  CoefficientList<T> list;
  list.until = largest_t;
  add<T>(list, two_sum(1, -h.rho));
  add<T>(list, scaled(h.epsilon));
  if (choice(h).form.scaled) add<T>(list, scaled(h.learning_rate));
  add_weight_decay(list, h);
  return list;
}

TRUESTEP_COMPILE_CALLS(AdadeltaHyperparameters, AdadeltaTensor);

}  // namespace truestep::fast
