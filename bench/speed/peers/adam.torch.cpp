// SPDX-License-Identifier: Apache-2.0
#include <torch/optim/adam.h>

#include "torch_step_of.hpp"

namespace truestep::fast {
struct Adam;
}

namespace truestep::speed {

template <>
std::function<void()> torch_step<fast::Adam>(const TorchRun& run) {
  return step_of<torch::optim::Adam>(run, torch::optim::AdamOptions(run.number("learning_rate"))
                                              .betas({run.number("beta1"), run.number("beta2")})
                                              .eps(run.number("epsilon")));
}

}  // namespace truestep::speed
