// SPDX-License-Identifier: Apache-2.0
// What is known of training in narrow formats, out of the number type that emulates them.

#include <gtest/gtest.h>

#include <truestep/reference/real.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <string_view>

#include "../bench/drift/rounded.hpp"

namespace truestep::test {
namespace {

using drift::Arithmetic;
using drift::Rounded;
using drift::Rounding;
using reference::Real;

Arithmetic in(std::string_view name, Rounding rounding = Rounding::nearest_even) {
  return Arithmetic(*std::find_if(drift::formats.begin(), drift::formats.end(),
                                  [&](const auto& format) { return format.name == name; }),
                    rounding);
}

TEST(Formats, Beta2BecomesOneInBfloat16) {
  EXPECT_EQ(in("bfloat16").round(0.999), 1);
  EXPECT_LT(in("bfloat16", Rounding::toward_zero).round(0.999), 1);
  EXPECT_LT(in("fp16").round(0.999), 1);
}

TEST(Formats, EpsilonVanishesInFp16) {
  EXPECT_EQ(in("fp16").round(1e-8), 0);
  EXPECT_GT(in("fp16").round(1e-7), 0);
  EXPECT_GT(in("bfloat16").round(1e-8), 0);
}

/// A counter after so many steps.
double last_count(Arithmetic arithmetic, int count) {
  const Rounded one(arithmetic, 1);
  Rounded counter(arithmetic, 0);
  for (int i = 0; i < count; ++i) counter = counter + one;
  return counter.value();
}

TEST(Formats, ACounterSticksWhereOneIsHalfASpacing) {
  EXPECT_EQ(last_count(in("bfloat16"), 255), 255);
  EXPECT_EQ(last_count(in("bfloat16"), 5000), 256);
  EXPECT_EQ(last_count(in("fp16"), 2047), 2047);
  EXPECT_EQ(last_count(in("fp16"), 5000), 2048);
  EXPECT_EQ(last_count(in("float"), 5000), 5000);
  EXPECT_GT(last_count(in("bfloat16", Rounding::stochastic), 5000), 4000);
}

/// A parameter of 1 after a thousand updates of -0.001, each a quarter of the spacing below it.
double after_small_updates(Arithmetic arithmetic) {
  const Rounded update(arithmetic, 0.001);
  Rounded theta(arithmetic, 1);
  for (int i = 0; i < 1000; ++i) theta = theta - update;
  return theta.value();
}

TEST(Formats, Bfloat16ParametersStopMoving) {
  EXPECT_EQ(after_small_updates(in("bfloat16")), 1);
  float theta = 1;
  for (int i = 0; i < 1000; ++i) theta -= 0.001f;
  EXPECT_EQ(after_small_updates(in("float")), theta);
  // It moves again, at the price of noise.
  EXPECT_LT(after_small_updates(in("bfloat16", Rounding::stochastic)), 1);
}

constexpr double beta2 = 0.999;
constexpr int gradients = 500, last_of_run = 100'000;

struct TwoProducts {
  template <class Number>
  static Number step(const Number& beta, const Number& w, const Number& v, const Number& square) {
    return beta * v + w * square;
  }
};

struct Fused {
  template <class Number>
  static Number step(const Number& beta, const Number& w, const Number& v, const Number& square) {
    using std::fma;
    return fma(beta, v, w * square);
  }
};

constexpr double gradient(int i) { return 1 + (i + 0.5) / gradients; }

/// The largest relative error of v in units of 2^-24, coefficients rounded to float, over constant
/// gradients in [1, 2): v after t steps is exactly g^2 (1 - beta2^t).
template <class Order>
double largest_drift() {
  constexpr int group = 20;  // independent, so that the processor need not wait for each
  const auto beta = static_cast<float>(beta2), w = static_cast<float>(1 - beta2);
  double largest = 0;
  for (int first = 0; first < gradients; first += group) {
    std::array<float, group> v{}, square;
    std::array<double, group> exact_square;
    for (int i = 0; i < group; ++i) {
      const auto g = static_cast<float>(gradient(first + i));
      square[static_cast<std::size_t>(i)] = g * g;
      exact_square[static_cast<std::size_t>(i)] = double{g} * double{g};
    }
    double power = 1;
    for (int t = 0; t < last_of_run; ++t) {
      power *= beta2;
      const double factor = 1 / (1 - power);
      for (std::size_t i = 0; i < group; ++i) {
        v[i] = Order::step(beta, w, v[i], square[i]);
        largest = std::max(largest, std::fabs(v[i] * factor / exact_square[i] - 1));
      }
    }
  }
  return largest * 0x1p24;
}

TEST(Formats, VDriftsTwiceAsFarByTwoProductsAsFused) {
  const double by_products = largest_drift<TwoProducts>(), fused = largest_drift<Fused>();
  std::cout << "v drifts " << by_products << " u by two products, " << fused << " u fused\n";
  EXPECT_GE(by_products, 1500);
  EXPECT_LE(by_products, 2000);
  EXPECT_GE(fused, 700);
  EXPECT_LE(fused, 1000);
}

template <class Order>
void expect_the_processors_run() {
  for (int i = 0; i < gradients; i += 100) {
    Arithmetic arithmetic = in("float");
    const auto g = static_cast<float>(gradient(i));
    const auto beta = static_cast<float>(beta2), w = static_cast<float>(1 - beta2);
    const Rounded rounded_g(arithmetic, g), rounded_beta(arithmetic, beta2),
        rounded_w(arithmetic, 1 - beta2);
    float v = 0;
    Rounded rounded_v(arithmetic, 0);
    for (int t = 0; t < last_of_run; ++t) {
      v = Order::step(beta, w, v, g * g);
      rounded_v = Order::step(rounded_beta, rounded_w, rounded_v, rounded_g * rounded_g);
      ASSERT_EQ(rounded_v.value(), v) << i << " " << t;
    }
  }
}

TEST(Formats, TheFloatFormatRunsAsTheProcessorDoes) {
  expect_the_processors_run<TwoProducts>();
  expect_the_processors_run<Fused>();
}

}  // namespace
}  // namespace truestep::test
