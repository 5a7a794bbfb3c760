// SPDX-License-Identifier: Apache-2.0
// bench/check/README.md shows it.
#include <cmath>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <truestep/check/rapidcheck.hpp>

/// A coordinate of somebody's AdamW.
struct Coordinate {
  float theta, m, v;

  void step(const truestep::Situation& at) {
    const double beta1 = at.number("beta1"), beta2 = at.number("beta2"),
                 rate = at.number("learning_rate"), t = static_cast<double>(at.t);
    const float g = static_cast<float>(at.gradient);
    m += static_cast<float>(1 - beta1) * (g - m);
    v += static_cast<float>(1 - beta2) * (g * g - v);
    theta *= static_cast<float>(1 - rate * at.number("weight_decay"));
    const float root = std::sqrt(v / static_cast<float>(1 - std::pow(beta2, t)));
    theta -= static_cast<float>(rate / (1 - std::pow(beta1, t))) * m /
             (root + static_cast<float>(at.number("epsilon")));
  }
};

RC_GTEST_PROP(Coordinate, IsPyTorchsFromAnyState, ()) {
  const auto adamw = truestep::convention("pytorch.AdamW");
  const truestep::Situation at = *truestep::gen::situation(adamw);
  Coordinate mine{float(at.theta), float(at.state("m")), float(at.state("v"))};
  mine.step(at);
  RC_ASSERT(truestep::within(adamw, at, {mine.theta, {{"m", mine.m}, {"v", mine.v}}}));
}
