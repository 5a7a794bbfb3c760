// SPDX-License-Identifier: Apache-2.0

#include "version.hpp"

namespace truestep {

const char* version() { return TRUESTEP_VERSION; }

}  // namespace truestep
