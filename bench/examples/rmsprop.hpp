// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trace.hpp"

namespace truestep::examples {

template <>
inline std::vector<Trace> traces_of<fast::Rmsprop>() {
  return {{"torch-rmsprop-bigeps",
           "rmsprop",
           "pytorch",
           {{"learning_rate", 1e-3}, {"rho", 0.99}, {"epsilon", 1e-3}}}};
}

}  // namespace truestep::examples
