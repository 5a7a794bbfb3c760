// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

#include "format.hpp"

namespace truestep::drift {

/// Numbers that are kept as multiples, in a narrow format, of a float that neighbouring columns
/// share: the largest of them becomes the largest number of the format. As torchao does it, in
/// float: pytorch/ao 029bb60a7, torchao/optim/subclass_fp8.py, `quantize_fp8` and `dequantize`.
class ScaledFormat {
 public:
  explicit ScaledFormat(const Format& format) : largest_(static_cast<float>(format.largest())) {}

  /// @param largest  in size; NaN where a number is
  float scale_of(float largest) const {
    constexpr float least = 1e-12F;  // So that columns of zeros have a scale, too.
    return (std::isnan(largest) ? largest : std::max(largest, least)) / largest_;
  }

  static float code(double x, float scale) { return static_cast<float>(x) / scale; }
  static double value(double code, float scale) { return double{static_cast<float>(code) * scale}; }

 private:
  float largest_;
};

}  // namespace truestep::drift
