// SPDX-License-Identifier: Apache-2.0
#include "torch_adam.hpp"

#include <torch/torch.h>

namespace truestep::bench {

struct TorchAdam::Optimizer {
  explicit Optimizer(std::vector<torch::Tensor> parameters) : adam(std::move(parameters)) {}
  torch::optim::Adam adam;
};

TorchAdam::TorchAdam(const std::vector<std::size_t>& lengths) {
  torch::set_num_threads(1);
  std::vector<torch::Tensor> parameters;
  for (const std::size_t length : lengths) {
    const auto count = static_cast<std::int64_t>(length);
    parameters.push_back(torch::ones({count}));
    parameters.back().mutable_grad() = torch::rand({count}) + .01;
  }
  optimizer_ = std::make_unique<Optimizer>(std::move(parameters));
}

TorchAdam::~TorchAdam() = default;

void TorchAdam::step() { optimizer_->adam.step(); }

}  // namespace truestep::bench
