// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>

#include "audit.hpp"

namespace truestep::drift {

/// The scale of a loss, step after step.
class LossScaler {
 public:
  explicit LossScaler(const Setup& setup)
      : read_(setup.gradients, setup.rounding), scale_(setup.loss_scale) {
    if (scale_) skips_.scale = scale_->initial;
  }

  /// Whether the step is left out; the scale that its gradients had is in `by`.
  bool skips(std::uint64_t t, std::span<const double> gradient, double& by) {
    if (!scale_) return false;
    by = skips_.scale;
    const bool overflows = std::any_of(gradient.begin(), gradient.end(), [&](double g) {
      return !std::isfinite(read_.round(by * g));
    });
    skips_.count += overflows;
    if (overflows && skips_.first == 0) skips_.first = t;
    if (scale_->dynamic) adapt(overflows);
    return overflows;
  }

  std::optional<Skips> seen() const { return scale_ ? std::optional(skips_) : std::nullopt; }

 private:
  void adapt(bool overflows) {
    in_a_row_ = overflows ? 0 : in_a_row_ + 1;
    if (overflows) skips_.scale /= 2;
    if (in_a_row_ < LossScale::growth_interval) return;
    skips_.scale *= 2;
    in_a_row_ = 0;
  }

  Arithmetic read_;
  std::optional<LossScale> scale_;
  Skips skips_;
  std::uint64_t in_a_row_ = 0;
};

}  // namespace truestep::drift
