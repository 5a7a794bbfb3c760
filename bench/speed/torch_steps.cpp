#include "torch_steps.hpp"

#include <memory>
#include <utility>
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

template <class T>
at::Tensor tensor(const T* numbers, std::size_t count) {
  return at::from_blob(const_cast<T*>(numbers), {static_cast<std::int64_t>(count)},
                       at::TensorOptions(c10::CppTypeToScalarType<T>::value));
}

template <class Optimizer, class Options, class T>
std::function<void()> steps_of(const Options& options, int threads, std::size_t count, T* theta,
                               const T* gradient) {
  at::set_num_threads(threads);
  auto parameter = tensor(theta, count);
  parameter.mutable_grad() = tensor(gradient, count);
  return [optimizer = std::make_shared<Optimizer>(std::vector{parameter}, options)] {
    optimizer->step();
  };
}

}  // namespace

std::string torch_version() { return "libtorch " TORCH_VERSION; }

template <class T>
auto TorchSteps<T>::of(const fast::MomentumHyperparameters& h, int threads, std::size_t count,
                       T* theta, const T* gradient) -> Step {
  const auto options = optim::SGDOptions(h.learning_rate).momentum(h.momentum);
  return steps_of<optim::SGD>(options, threads, count, theta, gradient);
}

template <class T>
auto TorchSteps<T>::of(const fast::NagHyperparameters& h, int threads, std::size_t count, T* theta,
                       const T* gradient) -> Step {
  const auto options = optim::SGDOptions(h.learning_rate).momentum(h.momentum).nesterov(true);
  return steps_of<optim::SGD>(options, threads, count, theta, gradient);
}

template <class T>
auto TorchSteps<T>::of(const fast::AdagradHyperparameters& h, int threads, std::size_t count,
                       T* theta, const T* gradient) -> Step {
  const auto options = optim::AdagradOptions(h.learning_rate).eps(h.epsilon);
  return steps_of<optim::Adagrad>(options, threads, count, theta, gradient);
}

template <class T>
auto TorchSteps<T>::of(const fast::AdadeltaHyperparameters& h, int threads, std::size_t count,
                       T* theta, const T* gradient) -> Step {
  at::set_num_threads(threads);
  auto parameter = tensor(theta, count);
  auto g = tensor(gradient, count);
  auto s = at::zeros_like(parameter), u = at::zeros_like(parameter);
  return [=]() mutable {
    s.mul_(h.rho).addcmul_(g, g, 1 - h.rho);
    const auto denominator = s.add(h.epsilon).sqrt_();
    const auto delta = u.add(h.epsilon).sqrt_().div_(denominator).mul_(g);
    u.mul_(h.rho).addcmul_(delta, delta, 1 - h.rho);
    parameter.add_(delta, -h.learning_rate);
  };
}

template <class T>
auto TorchSteps<T>::of(const fast::RmspropHyperparameters& h, int threads, std::size_t count,
                       T* theta, const T* gradient) -> Step {
  const auto options = optim::RMSpropOptions(h.learning_rate).alpha(h.rho).eps(h.epsilon);
  return steps_of<optim::RMSprop>(options, threads, count, theta, gradient);
}

template <class T>
auto TorchSteps<T>::of(const fast::AdamHyperparameters& h, int threads, std::size_t count, T* theta,
                       const T* gradient) -> Step {
  const auto options = optim::AdamOptions(h.learning_rate).betas({h.beta1, h.beta2}).eps(h.epsilon);
  return steps_of<optim::Adam>(options, threads, count, theta, gradient);
}

template struct TorchSteps<float>;
template struct TorchSteps<double>;

}  // namespace truestep::speed
