// SPDX-License-Identifier: Apache-2.0
#include "torch_steps.hpp"

#include <torch/version.h>

namespace truestep::speed {

std::string torch_version() { return "libtorch " TORCH_VERSION; }

}  // namespace truestep::speed
