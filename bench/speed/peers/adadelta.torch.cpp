// SPDX-License-Identifier: Apache-2.0
#include "torch_step_of.hpp"

namespace truestep::fast {
struct Adadelta;
}

namespace truestep::speed {

/// The operations of the Python class, with a learning rate of 1: libtorch has no class of it.
template <>
std::function<void()> torch_step<fast::Adadelta>(const TorchRun& run) {
  at::set_num_threads(run.threads);
  const at::Tensor theta = theta_of(run), gradient = gradient_of(run);
  const double rho = run.number("rho"), epsilon = run.number("epsilon");
  const at::Tensor s = at::zeros_like(theta), u = at::zeros_like(theta);
  return [=] {
    s.mul_(rho).addcmul_(gradient, gradient, 1 - rho);
    const at::Tensor denominator = s.add(epsilon).sqrt_();
    const at::Tensor delta = u.add(epsilon).sqrt_().div_(denominator).mul_(gradient);
    u.mul_(rho).addcmul_(delta, delta, 1 - rho);
    theta.sub_(delta);
  };
}

}  // namespace truestep::speed
