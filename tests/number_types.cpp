// SPDX-License-Identifier: Apache-2.0
// The reference in its two floating-point number types, and outside its domain.

#include <gtest/gtest.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "facts/every_rule.hpp"
#include "support/each_rule.hpp"
#include "support/generate.hpp"

namespace truestep::test {
namespace {

template <class R>
class Reference : public testing::Test {};
TYPED_TEST_SUITE(Reference, EachRule, RuleName);

/// The doubles nearest to every quantity of a hundred steps of a rule.
template <class R, class Number>
std::vector<double> rounded_run() {
  using Formula = typename R::template Formula<Number>;
  Random random(7);
  std::vector<double> rounded;
  typename Formula::Step now{};
  now.theta = 1;
  for (std::uint64_t t = 1; t <= 100; ++t) {
    const Number g(random.ordinary<double>(-16, 3));
    now = R::template formula<Number>({}, t).step(now.theta, now, g);
    for (const auto& quantity : Formula::quantities)
      rounded.push_back(static_cast<double>(now.*quantity.member));
  }
  return rounded;
}

TYPED_TEST(Reference, RoundsToTheSameDoublesInBothNumberTypes) {
  EXPECT_EQ((rounded_run<TypeParam, Real>()), (rounded_run<TypeParam, reference::BinaryReal>()));
}

TYPED_TEST(Reference, RefusesWhatIsOutsideItsDomain) {
  const auto refused = Facts<TypeParam>::refused();
  EXPECT_FALSE(refused.empty());
  for (const auto& [h, t, message] : refused) {
    try {
      TypeParam::template formula<Real>(h, t);
      ADD_FAILURE() << "not refused, though " << message;
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(error.what(), message);
    }
  }
}

#if defined(__SSE__)
/// Both ways, each alone: results flushed, and operands.
TYPED_TEST(Reference, RefusesAProcessorThatFlushesSubnormalNumbers) {
  const unsigned saved = _mm_getcsr();
  for (const unsigned flush : {0x8000u, 0x0040u}) {
    std::string said;
    _mm_setcsr(saved | flush);
    try {
      TypeParam::template formula<Real>({}, 1);
    } catch (const std::runtime_error& error) {
      said = error.what();
    }
    _mm_setcsr(saved);
    EXPECT_TRUE(
        said.ends_with("the processor flushes subnormal numbers to zero; the reference needs them"))
        << said;
  }
  EXPECT_NO_THROW(TypeParam::template formula<Real>({}, 1));
}
#endif

TEST(NumberTypes, PowersOfAHugeStepNumberAgree) {
  for (double beta : {0.0, 0.5, 0.999, 1 - 0x1p-24, 1 - 0x1p-53})
    for (int e = 0; e < 64; ++e) {
      const auto t = std::uint64_t{1} << e;
      const auto correction = [&]<class Number>(Number one) {
        return static_cast<double>(Number(one - reference::power(Number(beta), t)));
      };
      EXPECT_EQ(correction(Real(1)), correction(reference::BinaryReal(1))) << beta << " " << t;
    }
}

}  // namespace
}  // namespace truestep::test
