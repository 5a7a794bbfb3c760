// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trace.hpp"

namespace truestep::examples {

template <>
inline std::vector<Trace> traces_of<fast::Adam>() {
  return {{"torch-adam",
           "adam",
           "pytorch",
           {{"learning_rate", 1e-3}, {"beta1", 0.9}, {"beta2", 0.999}}}};
}

}  // namespace truestep::examples
