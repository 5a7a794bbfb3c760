// SPDX-License-Identifier: Apache-2.0
#include <torch/optim/adagrad.h>

#include "torch_step_of.hpp"

namespace truestep::fast {
struct Adagrad;
}

namespace truestep::speed {

template <>
std::function<void()> torch_step<fast::Adagrad>(const TorchRun& run) {
  return step_of<torch::optim::Adagrad>(
      run, torch::optim::AdagradOptions(run.number("learning_rate")).eps(run.number("epsilon")));
}

}  // namespace truestep::speed
