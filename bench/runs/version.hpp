// SPDX-License-Identifier: Apache-2.0

#pragma once

namespace truestep {

/// The project's version, such as "0.1.0".
const char* version();

}  // namespace truestep
