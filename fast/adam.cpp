// SPDX-License-Identifier: Apache-2.0
#include "adam.hpp"

#include <truestep/fast/call/rule.hpp>

namespace truestep::fast {

static void require_sensible(const AdamHyperparameters& h) {
  require_weight_decay(h, false);
  require_sense(h.moments_start != Start::first_square, Adam::name,
                "moments start at 0 or at epsilon, whatever the first gradient");
  const bool before = h.epsilon_frame == EpsilonFrame::before_correction;
  const bool multiplies = h.bias_correction == BiasCorrection::multiplies;
  require_sense(!before || !multiplies, Adam::name,
                "a correction that multiplies has no frame before it");
  require_sense(!before || !h.amsgrad || h.largest_of == LargestOf::raw, Adam::name,
                "the largest corrected moment leaves no raw root for epsilon");
  require_sense(h.moment_ahead == MomentAhead::none || !multiplies, Adam::name,
                "a moment ahead is corrected by division");
}

namespace {

/// 1 - beta1 beta1_decay^(t - 1) = (1 - beta1) + beta1 (1 - beta1_decay^(t - 1)), where nothing
/// cancels.
DoubleDouble weight_of_gradient(const AdamHyperparameters& h, std::uint64_t t) {
  const DoubleDouble w = two_sum(1, -h.beta1);
  if (h.beta1_decay == 1 || t == 1) return w;
  return w + corrections({h.beta1_decay, h.beta1_decay}, t - 1).one_minus_power[0] * h.beta1;
}

/// 1 - beta^n of both, n the exponent of step t.
Corrections corrections_at(const AdamHyperparameters& h, std::uint64_t t) {
  const std::uint64_t n = h.first_power + (t - 1) * h.counter_stride;
  return n > 0 ? corrections({h.beta1, h.beta2}, n) : Corrections{{1, 1}, 1};
}

/// What m and the gradient are multiplied by where the moment is ahead.
template <class T>
void add_shares_ahead(CoefficientList<T>& list, const AdamHyperparameters& h, std::uint64_t t,
                      const DoubleDouble& q1) {
  const bool next = h.corrects_m && h.moment_ahead == MomentAhead::own_corrections;
  const DoubleDouble of_m = next ? corrections_at(h, t + 1).one_minus_power[0] : q1;
  add<T>(list, scaled(h.learning_rate) * scaled(h.beta1) / of_m);
  add<T>(list, scaled(h.learning_rate) * two_sum(1, -h.beta1) / q1);
}

}  // namespace

template <class T>
[[gnu::noinline]] static CoefficientList<T> rounded(const AdamHyperparameters& h, std::uint64_t t) {
  if (h.counter_stride > 1 && t > std::uint64_t{1} << 47)
    refuse(Adam::name, "t", t, "[1, 2^47], where counter_stride is more than 1");
  const auto form = choice(h).form;
  const auto [q, root] = corrections_at(h, t);
  const DoubleDouble q1 = h.corrects_m ? q[0] : 1, q2 = h.corrects_v ? q[1] : 1;
  const DoubleDouble c_t = h.corrects_v ? root : 1;
  const bool before = h.epsilon_frame == EpsilonFrame::before_correction;
  CoefficientList<T> list;
  list.until = h.corrects_m || h.corrects_v || h.beta1_decay != 1 ? t : largest_t;
  add<T>(list, weight_of_gradient(h, t));
  add<T>(list, two_sum(1, -h.beta2));
  if (form.ahead)
    add_shares_ahead(list, h, t, q1);
  else
    add<T>(list, scaled(h.learning_rate) / q1);
  add<T>(list, form.epsilon_in_root ? 1 / q2 : c_t);
  add<T>(list, before ? scaled(h.epsilon) * c_t : scaled(h.epsilon));
  if (form.epsilon_in_root)
    add<T>(list, before ? scaled(h.epsilon_root) / q2 : scaled(h.epsilon_root));
  add_weight_decay(list, h);
  return list;
}

TRUESTEP_COMPILE_CALLS(AdamHyperparameters, AdamTensor);

}  // namespace truestep::fast
