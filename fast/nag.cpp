// SPDX-License-Identifier: Apache-2.0
#include "nag.hpp"

#include <truestep/fast/call/rule.hpp>

namespace truestep::fast {

static void require_sensible(const NagHyperparameters& h) {
  require_weight_decay(h, false);
  require_sense((h.dampening == 0 && h.first_buffer == FirstBuffer::recurrence) ||
                    h.nesterov == NesterovForm::look_ahead ||
                    h.nesterov == NesterovForm::stored_point,
                Nag::name, "the unrolled forms assume a buffer without dampening");
}

template <class T>
[[gnu::noinline]] static CoefficientList<T> rounded(const NagHyperparameters& h, std::uint64_t t) {
  const bool inside = h.learning_rate_site == LearningRateSite::buffer;
  const bool begins = h.first_buffer == FirstBuffer::gradient && t == 1;
  const Scaled learning_rate = scaled(h.learning_rate), momentum = scaled(h.momentum);
  const Scaled undampened(begins ? 1 : two_sum(1, -h.dampening));
  CoefficientList<T> list;
  list.until = begins ? 1 : largest_t;
  add<T>(list, begins ? scaled(0) : momentum);
  if (h.nesterov == NesterovForm::look_ahead && inside) {
    add<T>(list, learning_rate * undampened);
  } else if (h.nesterov == NesterovForm::look_ahead) {
    add<T>(list, undampened);
    add<T>(list, learning_rate);
  } else {
    add<T>(list, inside ? -learning_rate * undampened : undampened);
  }
  if (choice(h).form.move == Move::sum) {
    const bool squared = h.nesterov == NesterovForm::squared_momentum;
    const Scaled of_buffer = squared ? momentum * momentum : momentum;
    const Scaled of_gradient = -learning_rate * (squared ? two_sum(1, h.momentum) : 1);
    add<T>(list, inside ? of_buffer : -learning_rate * of_buffer);
    add<T>(list, of_gradient);
  }
  add_weight_decay(list, h);
  return list;
}

TRUESTEP_COMPILE_CALLS(NagHyperparameters, NagTensor);

namespace {

template <class T>
[[gnu::noinline]] T look_ahead_factor(const NagHyperparameters& h) {
  const Scaled momentum = scaled(h.momentum);
  const Scaled factor = h.learning_rate_site == LearningRateSite::buffer
                            ? momentum
                            : -scaled(h.learning_rate) * momentum;
  return round_to<T>(factor.fraction, factor.exponent);
}

}  // namespace

template <class T>
void look_ahead(const NagHyperparameters& h, const LookAhead<T>& arrays) {
  coefficient_list<T>(h, 1);  // refuses bad hyperparameters
  const auto& [theta, v, point] = arrays;
  require_disjoint(Nag::name, std::array{NamedSpan("theta", theta), NamedSpan("v", v),
                                         NamedSpan("point", point)});
  const IeeeEnvironment environment;
  const T factor = look_ahead_factor<T>(h);
  // A lane without states only reads theta.
  kernels<T, NagHyperparameters>()[kernel_index<NagHyperparameters, lane::NagLookAhead>](
      &factor, const_cast<T*>(theta.data()), v.data(), theta.size(), point.data(), nullptr);
}

template void look_ahead(const NagHyperparameters&, const LookAhead<float>&);
template void look_ahead(const NagHyperparameters&, const LookAhead<double>&);

}  // namespace truestep::fast
