// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <gtest/gtest.h>
#include <truestep/check/check.hpp>

/// Somebody's AdamW: a step of one tensor, which keeps its moments.
auto adamw(const truestep::trial::Setup& setup) {
  const double rate = setup.number("learning_rate"), beta1 = setup.number("beta1"),
               beta2 = setup.number("beta2"), epsilon = setup.number("epsilon"),
               decay = setup.number("weight_decay");
  std::vector<float> m(setup.lengths[0]), v(setup.lengths[0]);
  return [=](std::uint64_t t, std::span<float> theta, std::span<const float> g) mutable {
    const double n = static_cast<double>(t), c1 = 1 - std::pow(beta1, n),
                 c2 = 1 - std::pow(beta2, n);
    for (std::size_t i = 0; i < theta.size(); ++i) {
      m[i] = float(beta1) * m[i] + float(1 - beta1) * g[i];
      v[i] = float(beta2) * v[i] + float(1 - beta2) * g[i] * g[i];
      theta[i] *= float(1 - rate * decay);
      theta[i] -= float(rate / c1) * m[i] / (std::sqrt(v[i] / float(c2)) + float(epsilon));
    }
  };
}

TEST(AdamW, IsPyTorchs) {
  EXPECT_TRUE(truestep::check(truestep::convention("pytorch.AdamW"), adamw));
}

TEST(AdamW, IsNotKeras) {
  const auto checked = truestep::check(truestep::convention("keras3.AdamW"), adamw);
  EXPECT_FALSE(checked);
  EXPECT_NE(checked.text().find("epsilon_frame=after_correction"), std::string::npos);
}
