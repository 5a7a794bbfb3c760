// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace truestep::drift {

/// How good a point is.
struct Score {
  double loss = 0;
  std::optional<double> accuracy;  ///< of a classifier: the share of examples that it gets right
};

}  // namespace truestep::drift
