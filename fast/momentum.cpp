#include "momentum.hpp"

#include "arguments.hpp"
#include "double_double.hpp"
#include "float_environment.hpp"
#include "scaled.hpp"
#include "step.hpp"

namespace truestep::fast {
namespace {

template <class T>
[[gnu::noinline]] CoefficientList<T> rounded(const MomentumHyperparameters& h, std::uint64_t t) {
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

}  // namespace

template <class T>
CoefficientList<T> coefficient_list(const MomentumHyperparameters& h, std::uint64_t t) {
  require_step_number("momentum", t);
  require_scale("momentum", "learning_rate", h.learning_rate);
  require_decay("momentum", "momentum", h.momentum);
  require_fraction("momentum", "dampening", h.dampening);
  require_weight_decay("momentum", h, false);
  const IeeeEnvironment environment;
  return rounded<T>(h, t);
}

template CoefficientList<float> coefficient_list(const MomentumHyperparameters&, std::uint64_t);
template CoefficientList<double> coefficient_list(const MomentumHyperparameters&, std::uint64_t);
template CoefficientList<DoubleDouble> coefficient_list(const MomentumHyperparameters&,
                                                        std::uint64_t);

void momentum_step(const MomentumHyperparameters& h, std::uint64_t t, std::span<float> theta,
                   std::span<float> v, std::span<const float> gradient) {
  step<float>("momentum", h, t, theta, {{"v", v}}, gradient);
}

void momentum_step(const MomentumHyperparameters& h, std::uint64_t t, std::span<double> theta,
                   std::span<double> v, std::span<const double> gradient) {
  step<double>("momentum", h, t, theta, {{"v", v}}, gradient);
}

}  // namespace truestep::fast
