// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "torch_steps.hpp"

#if __has_include(<torch/optim/optimizer.h>)
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/optim/optimizer.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace truestep::speed {

inline at::Tensor tensor_over(const void* numbers, const TorchRun& run) {
  return at::from_blob(const_cast<void*>(numbers), {static_cast<std::int64_t>(run.count)},
                       at::TensorOptions(run.in_double ? at::kDouble : at::kFloat));
}
inline at::Tensor theta_of(const TorchRun& run) { return tensor_over(run.theta, run); }
inline at::Tensor gradient_of(const TorchRun& run) { return tensor_over(run.gradient, run); }

/// The step of one of PyTorch's optimizers.
template <class Optimizer, class Options>
std::function<void()> step_of(const TorchRun& run, const Options& options) {
  at::set_num_threads(run.threads);
  at::Tensor theta = theta_of(run);
  theta.mutable_grad() = gradient_of(run);
  const auto optimizer = std::make_shared<Optimizer>(std::vector<at::Tensor>{theta}, options);
  return [optimizer] { optimizer->step(); };
}

}  // namespace truestep::speed
#endif
