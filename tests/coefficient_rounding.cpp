// SPDX-License-Identifier: Apache-2.0
// Coefficients are rounded once: next to the middle of two floats, where a double cannot say on
// which side a double-double lies. And no power is written beside those that are remembered, which
// the library's own assertions watch here.

#define _GLIBCXX_ASSERTIONS

#include <gtest/gtest.h>

#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/fast/coefficients/powers.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace truestep::fast {
namespace {

/// Floats of either kind, subnormal or not, with odd and even last bits.
std::vector<float> positive_floats() {
  std::vector<float> all{1,
                         1.25f,
                         std::nextafter(1.0f, 2.0f),
                         std::numeric_limits<float>::min(),
                         std::numeric_limits<float>::denorm_min(),
                         std::nextafter(2.0f, 0.0f)};
  std::mt19937_64 random(1);
  while (all.size() < 2000) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(random() >> 33));
    if (x > 0 && std::isfinite(2 * x)) all.push_back(x);
  }
  return all;
}

/// The float that the sum of the middle above `x` and a little is next to. Of the middle itself,
/// the even one.
float nearest(float x, double little) {
  const float above = std::nextafter(x, std::numeric_limits<float>::infinity());
  if (little != 0) return little > 0 ? above : x;
  return std::bit_cast<std::uint32_t>(x) % 2 == 0 ? x : above;
}

TEST(CoefficientRounding, HappensOnceBesideTheMiddleOfTwoFloats) {
  for (const float x : positive_floats()) {
    const double above = std::nextafter(x, std::numeric_limits<float>::infinity());
    const double middle = x + (above - x) / 2;
    for (const double part : {0.0, 0x1p-54, -0x1p-54, 0x1p-80, -0x1p-80})
      for (const int exponent : {0, 30, -40}) {
        const double low = middle * part;
        const float expected = nearest(x, low);
        // The sum is the same, however it is scaled.
        const auto of = [&](double sign) {
          return round_to<float>(
              {sign * std::ldexp(middle, -exponent), sign * std::ldexp(low, -exponent)}, exponent);
        };
        EXPECT_EQ(of(1), expected) << x << " " << part << " " << exponent;
        EXPECT_EQ(of(-1), -expected) << x << " " << part << " " << exponent;
      }
  }
}

/// Twice rounded, the sum is lost in the middle.
TEST(CoefficientRounding, TwiceWouldBeSeen) {
  const double middle = 1 + 0x3p-24;
  EXPECT_NE(static_cast<float>(middle + -0x1p-60), nearest(1 + 0x1p-23f, -0x1p-60));
  EXPECT_EQ(round_to<float>({middle, -0x1p-60}), nearest(1 + 0x1p-23f, -0x1p-60));
}

template <std::size_t size>
void expect_no_stray_powers() {
  std::array<double, size> base;
  for (std::size_t i = 0; i < size; ++i) base[i] = 1 - 0x1p-20 * static_cast<double>(i + 1);
  RememberedPowers<size> powers;
  for (const std::uint64_t t : {std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{1} << 40,
                                (std::uint64_t{1} << 63) - 1, std::uint64_t{1} << 63}) {
    const auto all = powers(base, t);
    RememberedPowers<1> alone;
    for (std::size_t i = 0; i < size; ++i) {
      const auto one = alone({base[i]}, t)[0];
      EXPECT_EQ(all[i].high, one.high) << t;
      EXPECT_EQ(all[i].low, one.low) << t;
    }
  }
}

TEST(CoefficientPowers, StayInTheirPlaces) {
  expect_no_stray_powers<1>();
  expect_no_stray_powers<2>();
  expect_no_stray_powers<3>();
}

/// Planted: what is watched ends the program.
TEST(CoefficientPowersDeathTest, AStrayOneWouldBeSeen) {
  std::array<double, 2> two{};
  volatile std::size_t beside = 2;
  EXPECT_DEATH(two[beside] = 1, "");
}

}  // namespace
}  // namespace truestep::fast
