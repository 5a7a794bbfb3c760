// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "compare.hpp"

/// What tests of comparisons have in common.
namespace truestep::compare {

/// The gradient is `pull` times the point.
class Quadratic {
 public:
  explicit Quadratic(float pull) : pull_(pull) {}

  std::span<const float> operator()(std::span<const float> parameters) {
    asked_at.emplace_back(parameters.begin(), parameters.end());
    gradient_ = asked_at.back();
    for (float& g : gradient_) g *= pull_;
    return gradient_;
  }

  std::vector<std::vector<float>> asked_at;

 private:
  float pull_;
  std::vector<float> gradient_;
};

inline const std::vector<float> ones{1, 1};
inline std::span<const float> constant(std::span<const float>) { return ones; }

inline const Series& named(const Comparison& comparison, const std::string& quantity) {
  for (const Series& series : comparison.series)
    if (series.quantity == quantity) return series;
  throw std::out_of_range(quantity);
}

}  // namespace truestep::compare
