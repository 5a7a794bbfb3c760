// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trace.hpp"

namespace truestep::examples {

template <>
inline std::vector<Trace> traces_of<fast::Nag>() {
  return {{"torch-nesterov", "nag", "pytorch", {{"learning_rate", 0.05}, {"momentum", 0.9}}}};
}

}  // namespace truestep::examples
