// SPDX-License-Identifier: Apache-2.0
#include <torch/optim/rmsprop.h>

#include "torch_step_of.hpp"

namespace truestep::fast {
struct Rmsprop;
}

namespace truestep::speed {

template <>
std::function<void()> torch_step<fast::Rmsprop>(const TorchRun& run) {
  return step_of<torch::optim::RMSprop>(run,
                                        torch::optim::RMSpropOptions(run.number("learning_rate"))
                                            .alpha(run.number("rho"))
                                            .eps(run.number("epsilon")));
}

}  // namespace truestep::speed
