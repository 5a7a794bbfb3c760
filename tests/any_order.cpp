// SPDX-License-Identifier: Apache-2.0
// What the bounds of any order of operations claim of one operation: if each operand lies within
// its radius of what an implementation holds, so does the result.

#include <gtest/gtest.h>

#include <truestep/proofs/numbers/any_order.hpp>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace truestep::proofs {
namespace {

using Number = AnyOrder<float>;
using Wide = Number::Wide;

struct Operation {
  std::string name;
  std::function<Number(const Number&, const Number&)> bounded;
  std::function<Wide(Wide, Wide)> exact;
};

const std::vector<Operation> operations{
    {"+", [](const auto& a, const auto& b) { return a + b; }, [](Wide a, Wide b) { return a + b; }},
    {"-", [](const auto& a, const auto& b) { return a - b; }, [](Wide a, Wide b) { return a - b; }},
    {"*", [](const auto& a, const auto& b) { return a * b; }, [](Wide a, Wide b) { return a * b; }},
    {"/", [](const auto& a, const auto& b) { return a / b; }, [](Wide a, Wide b) { return a / b; }},
    {"sqrt", [](const auto& a, const auto&) { return sqrt(a); },
     [](Wide a, Wide) { return std::sqrt(std::max(a, Wide(0))); }},
    {"maximum", [](const auto& a, const auto& b) { return maximum(a, b); },
     [](Wide a, Wide b) { return std::max(a, b); }}};

/// A float, and how far from it an implementation may be: far more than a rounding, or not at all.
Number drawn(std::mt19937_64& random) {
  auto number = Number::data(std::ldexp(static_cast<float>(random() >> 41) * 0x1p-23f - 0.5f,
                                        static_cast<int>(random() % 6)));
  if (random() % 4 != 0)
    number.widen(
        std::ldexp(static_cast<double>(number.magnitude), -static_cast<int>(random() % 9)));
  return number;
}

/// How many ends of the operands lead out of the radius that `claimed` makes of a result's.
std::size_t left(const std::function<Wide(const Number&, const Operation&)>& claimed) {
  std::mt19937_64 random(1);
  std::size_t count = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Number a = drawn(random), b = drawn(random);
    for (const Operation& operation : operations) {
      const Number result = operation.bounded(a, b);
      for (const Wide to_a : {-a.radius, Wide(0), a.radius})
        for (const Wide to_b : {-b.radius, Wide(0), b.radius}) {
          if (!result.bounded() || std::isnan(result.value)) continue;
          const Wide there = operation.exact(a.value + to_a, b.value + to_b);
          count += !(std::fabs(there - result.value) <= claimed(result, operation));
        }
    }
  }
  return count;
}

TEST(AnyOrder, HoldsWhatItsOperandsMayBe) {
  EXPECT_EQ(left([](const Number& result, const Operation&) { return result.radius; }), 0u);
}

/// Planted: a radius that is too small by a part of itself, of each operation.
TEST(AnyOrder, IsLeftWhereItIsTooSmall) {
  for (const Operation& wrong : operations)
    EXPECT_GT(left([&](const Number& result, const Operation& operation) {
                return operation.name == wrong.name ? result.radius * 3 / 4 : result.radius;
              }),
              0u)
        << wrong.name;
}

}  // namespace
}  // namespace truestep::proofs
