// SPDX-License-Identifier: Apache-2.0
// fast/loop/square_root.inl.hpp: the root off the divider, from seeds as far off as the instruction
// sets permit, against the square root that IEEE 754 prescribes.

#include <gtest/gtest.h>

#ifdef __SSE__
#include <xmmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <truestep/fast/target.hpp>
// It includes square_root.inl.hpp, which a namespace may hold once.
#include <truestep/proofs/recorded_roots.hpp>
#include <truestep/proofs/statements.hpp>
#include <vector>

#include "support/each_rule.hpp"
#include "support/generate.hpp"
#include "support/hard_roots.hpp"

namespace truestep::test {
namespace {

using fast::lane::seed_of_11_bits;
using fast::lane::seed_of_14_bits;
using fast::lane::SeedUse;
using fast::lane::square_root;

/// A number as the sequence sees it. Without `raises`, the planted fault, its last test is left
/// out.
template <class T, bool raises>
struct Scalar {
  T raw;
};

template <class T, bool raises>
Scalar<T, raises> operator*(Scalar<T, raises> a, Scalar<T, raises> b) {
  return {a.raw * b.raw};
}
template <class T, bool raises>
Scalar<T, raises> fma(Scalar<T, raises> a, Scalar<T, raises> b, Scalar<T, raises> c) {
  return {std::fma(a.raw, b.raw, c.raw)};
}
template <class T, bool raises>
Scalar<T, raises> minus_product(Scalar<T, raises> c, Scalar<T, raises> a, Scalar<T, raises> b) {
  return {std::fma(-a.raw, b.raw, c.raw)};
}
template <class T, bool raises>
Scalar<T, raises> product_minus(Scalar<T, raises> a, Scalar<T, raises> b, Scalar<T, raises> c) {
  return {std::fma(a.raw, b.raw, -c.raw)};
}
template <class T, bool raises>
Scalar<T, raises> moved(Scalar<T, raises> a, int steps) {
  return {std::bit_cast<T>(std::bit_cast<BitsOf<T>>(a.raw) + static_cast<BitsOf<T>>(steps))};
}
template <class T, bool raises>
Scalar<T, raises> halved(Scalar<T, raises> a) {
  return {a.raw / 2};
}
template <class T, bool raises>
Scalar<T, raises> constant(Scalar<T, raises>, T value) {
  return {value};
}
template <class T, bool raises>
Scalar<T, raises> raised_if_negative(Scalar<T, raises> q, Scalar<T, raises> x) {
  return raises && std::signbit(x.raw) ? moved(q, 1) : q;
}

/// The largest relative errors that the manuals permit the instructions; for double, of the number
/// rounded to float.
constexpr double error_14_bits = 0x1p-14, error_11_bits = 0x1.8p-12,
                 error_11_bits_of_double = error_11_bits + 0x1p-24;

/// How many of the roots are wrong that are made of seeds `error` too small and too large, of the
/// best one and of one between.
template <class T, SeedUse use, bool raises = true>
int wrong_roots(T x, double error, Random& random) {
  const double best = 1 / std::sqrt(static_cast<double>(x));
  const double within = error * (1 - 0x1p-9);  // whichever way T rounds the seed
  const double between = std::ldexp(static_cast<double>(random.next() >> 11), -52) - 1;
  int wrong = 0;
  for (const double share : {-1.0, 0.0, 1.0, between}) {
    const T seed = static_cast<T>(best + best * share * within);
    wrong += square_root<T, use>(Scalar<T, raises>{x}, Scalar<T, raises>{seed}).raw != std::sqrt(x);
  }
  return wrong;
}

/// How many wrong roots are enough where each is counted.
constexpr std::uint64_t each_one = std::numeric_limits<std::uint64_t>::max();

/// Every float in [1, 4), whose significands are those of all floats and of 4^k times them, until
/// `enough` are wrong.
template <SeedUse use, bool raises = true>
std::uint64_t wrong_roots_of_floats(double error, std::uint64_t enough = each_one) {
  Random random(1);
  std::uint64_t wrong = 0;
  for (auto pattern = std::bit_cast<std::uint32_t>(1.0f);
       pattern < std::bit_cast<std::uint32_t>(4.0f) && wrong < enough; ++pattern)
    wrong += static_cast<std::uint64_t>(
        wrong_roots<float, use, raises>(std::bit_cast<float>(pattern), error, random));
  return wrong;
}

template <SeedUse use, bool raises = true>
std::uint64_t wrong_roots_of_doubles(double error, std::uint64_t enough = each_one) {
  Random random(1);
  auto numbers = next_to_midpoints();
  for (int i = 0; i < 1000000; ++i)
    numbers.push_back(std::ldexp(std::abs(random.ordinary<double>(0, 1)), 0));
  std::uint64_t wrong = 0;
  for (const double x : numbers) {
    if (wrong >= enough) break;
    wrong += static_cast<std::uint64_t>(wrong_roots<double, use, raises>(x, error, random));
  }
  return wrong;
}

TEST(SquareRoot, IsCorrectFromEveryPermittedSeed) {
  EXPECT_EQ(wrong_roots_of_floats<seed_of_14_bits<float>>(error_14_bits), 0u);
  EXPECT_EQ(wrong_roots_of_floats<seed_of_11_bits<float>>(error_11_bits), 0u);
  EXPECT_EQ(wrong_roots_of_doubles<seed_of_14_bits<double>>(error_14_bits), 0u);
  EXPECT_EQ(wrong_roots_of_doubles<seed_of_11_bits<double>>(error_11_bits_of_double), 0u);
}

TEST(SquareRoot, IsWrongWithoutItsLastTest) {
  EXPECT_NE((wrong_roots_of_floats<seed_of_14_bits<float>, false>(error_14_bits, 1)), 0u);
  EXPECT_NE((wrong_roots_of_floats<seed_of_11_bits<float>, false>(error_11_bits, 1)), 0u);
  EXPECT_NE((wrong_roots_of_doubles<seed_of_14_bits<double>, false>(error_14_bits, 1)), 0u);
  EXPECT_NE((wrong_roots_of_doubles<seed_of_11_bits<double>, false>(error_11_bits_of_double, 1)),
            0u);
}

TEST(SquareRoot, IsWrongFromWorseSeedsThanArePermitted) {
  EXPECT_NE(wrong_roots_of_floats<seed_of_14_bits<float>>(4 * error_14_bits, 1), 0u);
  EXPECT_NE(wrong_roots_of_floats<seed_of_11_bits<float>>(4 * error_11_bits, 1), 0u);
  EXPECT_NE(wrong_roots_of_doubles<seed_of_14_bits<double>>(4 * error_14_bits, 1), 0u);
  EXPECT_NE(wrong_roots_of_doubles<seed_of_11_bits<double>>(64 * error_11_bits_of_double, 1), 0u);
}

#ifdef __SSE__
/// Roots of floats in the whole range, `stride` apart, from this processor's own seeds.
void check_own_seeds(std::uint32_t stride) {
  std::uint64_t wrong = 0, beyond = 0;
  for (auto pattern = std::bit_cast<std::uint32_t>(0x1p-100f);
       pattern < std::bit_cast<std::uint32_t>(std::numeric_limits<float>::infinity()) - stride;
       pattern += stride) {
    const float x = std::bit_cast<float>(pattern),
                seed = _mm_cvtss_f32(_mm_rsqrt_ss(_mm_set_ss(x)));
    const auto root = square_root<float, seed_of_11_bits<float>>(Scalar<float, true>{x}, {seed});
    wrong += root.raw != std::sqrt(x);
    beyond += std::abs(seed * std::sqrt(static_cast<double>(x)) - 1) > error_11_bits;
  }
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(beyond, 0u);
}

TEST(SquareRoot, IsCorrectFromThisProcessorsSeeds) { check_own_seeds(997); }

// Half a minute: --gtest_also_run_disabled_tests.
TEST(SquareRoot, DISABLED_IsCorrectFromThisProcessorsSeedsForEveryFloat) { check_own_seeds(1); }
#endif

/// Theta, the gradient and the states of so many coordinates.
template <class Rule, class T>
std::vector<std::vector<T>> drawn(std::size_t count) {
  Random random(3);
  std::vector<std::vector<T>> arrays(2 + rules::states_of<Rule, T>({}).size());
  for (auto& array : arrays)
    for (std::size_t i = 0; i < count; ++i) array.push_back(std::abs(random.ordinary<T>(-8, 8)));
  return arrays;
}

/// The same after a step, `piece` coordinates at a time.
template <class Rule, class T>
std::vector<std::vector<T>> stepped(std::vector<std::vector<T>> arrays, std::size_t piece) {
  const typename Rule::Hyperparameters h;
  const std::size_t count = arrays[0].size();
  const auto part = [&](std::vector<T>& array, std::size_t at) {
    return std::span(array).subspan(at, std::min(piece, count - at));
  };
  for (std::size_t at = 0; at < count; at += piece) {
    std::vector<std::span<T>> states;
    for (std::size_t i = 2; i < arrays.size(); ++i) states.push_back(part(arrays[i], at));
    rules::run_kernel<Rule, T>(h, 1000, part(arrays[0], at), states,
                               std::span<const T>(part(arrays[1], at)));
  }
  return arrays;
}

// In pieces, roots are taken off the divider; beyond the cache they are not.
template <class Rule, class T>
void expect_same_bits_beyond_cache() {
  const std::size_t count = (std::size_t{33} << 20) / sizeof(T) / 3;
  const auto before = drawn<Rule, T>(count);
  for (const auto& target : fast::targets()) {
    if (!target.starts_with("AVX")) continue;  // the others have one way alone
    fast::use_target(target);
    auto whole = stepped<Rule, T>(before, count);
    const auto in_pieces = stepped<Rule, T>(before, 30'011);
    EXPECT_EQ(whole, in_pieces) << Rule::name;
    whole[0][count / 2] = std::nextafter(whole[0][count / 2], T(0));
    EXPECT_NE(whole, in_pieces) << Rule::name;
  }
}

template <class R>
class Kernels : public testing::Test {};
TYPED_TEST_SUITE(Kernels, EachRule, RuleName);

TYPED_TEST(Kernels, HaveTheSameBitsWhereArraysComeFromMemory) {
  expect_same_bits_beyond_cache<TypeParam, float>();
  expect_same_bits_beyond_cache<TypeParam, double>();
  fast::use_target(fast::targets().front());
}

}  // namespace
}  // namespace truestep::test
