// SPDX-License-Identifier: Apache-2.0
#include <torch/optim/sgd.h>

#include "torch_step_of.hpp"

namespace truestep::fast {
struct Momentum;
}

namespace truestep::speed {

template <>
std::function<void()> torch_step<fast::Momentum>(const TorchRun& run) {
  return step_of<torch::optim::SGD>(
      run, torch::optim::SGDOptions(run.number("learning_rate")).momentum(run.number("momentum")));
}

}  // namespace truestep::speed
