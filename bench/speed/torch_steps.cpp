// SPDX-License-Identifier: Apache-2.0
#include "torch_steps.hpp"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/optim/adagrad.h>
#include <torch/optim/adam.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>
#include <torch/version.h>

namespace truestep::speed {
namespace {

namespace optim = torch::optim;
using Step = std::function<void()>;

template <class T>
at::Tensor tensor(const T* numbers, std::size_t count) {
  return at::from_blob(const_cast<T*>(numbers), {static_cast<std::int64_t>(count)},
                       at::TensorOptions(c10::CppTypeToScalarType<T>::value));
}

template <class Optimizer, class Options>
Step step_of(at::Tensor theta, at::Tensor gradient, const Options& options) {
  theta.mutable_grad() = gradient;
  const auto optimizer = std::make_shared<Optimizer>(std::vector<at::Tensor>{theta}, options);
  return [optimizer] { optimizer->step(); };
}

Step adadelta_step(at::Tensor theta, at::Tensor gradient, double rho, double epsilon) {
  const at::Tensor s = at::zeros_like(theta), u = at::zeros_like(theta);
  return [=] {
    s.mul_(rho).addcmul_(gradient, gradient, 1 - rho);
    const at::Tensor denominator = s.add(epsilon).sqrt_();
    const at::Tensor delta = u.add(epsilon).sqrt_().div_(denominator).mul_(gradient);
    u.mul_(rho).addcmul_(delta, delta, 1 - rho);
    theta.sub_(delta);
  };
}

}  // namespace

std::string torch_version() { return "libtorch " TORCH_VERSION; }

template <class T>
Step torch_step(const std::string& rule, const std::map<std::string, double>& numbers, int threads,
                std::size_t count, T* theta_data, const T* gradient_data) {
  at::set_num_threads(threads);
  const at::Tensor theta = tensor(theta_data, count), gradient = tensor(gradient_data, count);
  const auto number = [&](const char* name) { return numbers.at(name); };
  if (rule == "adadelta") return adadelta_step(theta, gradient, number("rho"), number("epsilon"));

  const double learning_rate = number("learning_rate");
  if (rule == "momentum" || rule == "nag")
    return step_of<optim::SGD>(
        theta, gradient,
        optim::SGDOptions(learning_rate).momentum(number("momentum")).nesterov(rule == "nag"));
  if (rule == "adagrad")
    return step_of<optim::Adagrad>(theta, gradient,
                                   optim::AdagradOptions(learning_rate).eps(number("epsilon")));
  if (rule == "rmsprop")
    return step_of<optim::RMSprop>(
        theta, gradient,
        optim::RMSpropOptions(learning_rate).alpha(number("rho")).eps(number("epsilon")));
  if (rule == "adam")
    return step_of<optim::Adam>(theta, gradient,
                                optim::AdamOptions(learning_rate)
                                    .betas({number("beta1"), number("beta2")})
                                    .eps(number("epsilon")));
  throw std::invalid_argument("torch: rule = " + rule +
                              " is not one of {momentum, nag, adagrad, adadelta, rmsprop, adam}");
}

template Step torch_step(const std::string&, const std::map<std::string, double>&, int, std::size_t,
                         float*, const float*);
template Step torch_step(const std::string&, const std::map<std::string, double>&, int, std::size_t,
                         double*, const double*);

}  // namespace truestep::speed
