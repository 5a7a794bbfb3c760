// SPDX-License-Identifier: Apache-2.0
// What a thread remembers from its last call never shows: the bits are those of a thread that
// remembers nothing.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <thread>
#include <truestep/fast/coefficients/coefficients.hpp>
#include <truestep/fast/loop/kernels.hpp>
#include <truestep/fast/coefficients/powers.hpp>
#include <truestep/fast/target.hpp>
#include <truestep/proofs/statements.hpp>
#include <string>
#include <utility>
#include <vector>

#include "facts/every_rule.hpp"
#include "support/generate.hpp"
#include "support/outside.hpp"

namespace truestep::test {
namespace {

constexpr std::uint64_t largest_t = std::uint64_t{1} << 63;

template <class Check>
void for_each_convention(Check check) {
  fast::for_each_rule<rules::All>([&]<class Rule>() {
    for (const auto& each : fast::conventions_of<typename Rule::Hyperparameters>)
      if (fast::without_lane(each.hyperparameters) == nullptr)
        check.template operator()<Rule>(each.hyperparameters);
  });
}

template <class T, std::size_t size>
auto all_bits(const std::array<T, size>& values) {
  std::array<BitsOf<T>, size> result;
  std::transform(values.begin(), values.end(), result.begin(), [](T value) { return bits(value); });
  return result;
}

TEST(Remembered, PowersAreThoseOfAFreshMemory) {
  const auto parts = [](const std::array<fast::DoubleDouble, 2>& powers) {
    return all_bits(std::array{powers[0].high, powers[0].low, powers[1].high, powers[1].low});
  };
  Random random(1);
  fast::RememberedPowers<2> used;
  std::array<double, 2> base{.9, .999};
  std::uint64_t t = 1;
  int told_apart = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (random.one_in(100)) base[random.below(2)] = static_cast<double>(random.below(1000)) / 1000;
    switch (random.below(8)) {
      case 0:
        t = 1 + (random.next() >> (1 + random.below(63)));
        break;
      case 1:
        t = 1 + random.below(2000);
        break;
      default:
        t = t == largest_t ? 1 : t + 1;
    }
    const auto fresh = fast::RememberedPowers<2>()(base, t);
    ASSERT_EQ(parts(used(base, t)), parts(fresh)) << base[0] << ' ' << base[1] << ' ' << t;
    told_apart += parts(fresh) != parts(fast::RememberedPowers<2>()(base, t % 1000 + 1));
  }
  EXPECT_GT(told_apart, 5000);  // or equality would say nothing
}

/// A call of corrections after others, against the same made by itself.
bool as_made_alone(const std::array<double, 2>& base, std::uint64_t n,
                   const fast::Corrections& found) {
  const auto power = fast::RememberedPowers<2>()(base, n);
  const auto root = 1 / sqrt(power[1]);
  const auto& [q, reciprocal_root] = found;
  return all_bits(std::array{q[0].high, q[0].low, q[1].high, q[1].low, reciprocal_root.high,
                             reciprocal_root.low}) ==
         all_bits(std::array{power[0].high, power[0].low, power[1].high, power[1].low, root.high,
                             root.low});
}

TEST(Remembered, CorrectionsOfManyStepsAreThoseOfOne) {
  for (const auto& target : fast::targets()) {
    fast::use_target(target);
    Random random(3);
    std::array<double, 2> base{.9, .999};
    std::uint64_t n = 1;
    int told_apart = 0;
    for (int i = 0; i < 20'000; ++i) {
      if (random.one_in(100))
        base[random.below(2)] = static_cast<double>(random.below(1000)) / 1000;
      n = random.one_in(8) ? 1 + (random.next() >> (1 + random.below(63)))
          : n == largest_t ? 1
                           : n + 1;
      const auto found = fast::corrections(base, n);
      ASSERT_TRUE(as_made_alone(base, n, found)) << target << ' ' << base[0] << ' ' << n;
      told_apart += !as_made_alone(base, n % 1000 + 1, found);
    }
    EXPECT_GT(told_apart, 5000);  // or equality would say nothing
    EXPECT_TRUE(as_made_alone({0, 0}, 1, fast::corrections({0, 0}, 1)));
    EXPECT_TRUE(as_made_alone({.9, .999}, largest_t, fast::corrections({.9, .999}, largest_t)));
  }
  fast::use_target(fast::targets().front());
}

TEST(Remembered, CorrectionsRaiseNoFlagForStepsNobodyAskedFor) {
  for (const auto& target : fast::targets()) {
    fast::use_target(target);
    std::feclearexcept(FE_ALL_EXCEPT);
    fast::corrections({.5, .25}, 1);
    EXPECT_EQ(std::fetestexcept(FE_ALL_EXCEPT & ~FE_INEXACT), 0) << target;
  }
  fast::use_target(fast::targets().front());
}

TEST(Remembered, ExponentsAreThoseOfTheLibrary) {
  Random random(4);
  int subnormal = 0, beyond = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto value = std::bit_cast<double>(random.next());
    if (!std::isfinite(value)) continue;
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);
    EXPECT_EQ(fast::parted(value), std::pair(fraction, exponent)) << value;
    const int by = static_cast<int>(random.below(2200)) - 1100;
    EXPECT_EQ(bits(fast::scaled_by(fraction, by)), bits(std::ldexp(fraction, by))) << value << by;
    subnormal += std::fpclassify(std::ldexp(fraction, by)) == FP_SUBNORMAL;
    beyond += by > 1023;
  }
  for (const double value : {0., 0x1p-1074, 0x1.fffffp-1023, 0x1p-1022, 0x1p1023}) {
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);
    EXPECT_EQ(fast::parted(value), std::pair(fraction, exponent)) << value;
  }
  EXPECT_GT(subnormal, 1000);
  EXPECT_GT(beyond, 1000);
}

/// The first step up to list.until at which the coefficients are other ones; 0 if there is none.
template <class T, class Hyperparameters>
std::uint64_t first_other(const Hyperparameters& h, const fast::CoefficientList<T>& list,
                          std::uint64_t t) {
  for (const std::uint64_t later : {t, t + 1, t + 2, 3 * t + 5, largest_t / 2, list.until})
    if (t <= later && later <= list.until &&
        all_bits(fast::coefficient_list<T>(h, later).values) != all_bits(list.values))
      return later;
  return 0;
}

TEST(Remembered, CoefficientsHoldAsLongAsTheySay) {
  for_each_convention([]<class Rule>(const typename Rule::Hyperparameters& h) {
    for (const std::uint64_t t : {1u, 2u, 3u, 1000u}) {
      EXPECT_EQ(first_other(h, fast::coefficient_list<float>(h, t), t), 0) << t;
      EXPECT_EQ(first_other(h, fast::coefficient_list<double>(h, t), t), 0) << t;
      EXPECT_GE(fast::coefficient_list<float>(h, t).until, t);
    }
  });
}

/// Whether coefficients that claim to hold for ever, and do not, are found out at the first step
/// that has others.
template <class T, class Hyperparameters>
bool claim_is_noticed(const Hyperparameters& h, std::uint64_t t, std::size_t& planted) {
  auto list = fast::coefficient_list<T>(h, t);
  if (list.until == largest_t) return true;
  ++planted;
  const std::uint64_t other = list.until + 1;
  list.until = largest_t;
  return first_other(h, list, t) == other;
}

TEST(Remembered, CoefficientsThatClaimTooMuchAreNoticed) {
  std::size_t planted = 0;
  for_each_convention([&]<class Rule>(const typename Rule::Hyperparameters& h) {
    for (const std::uint64_t t : {1u, 3u}) {
      EXPECT_TRUE(claim_is_noticed<float>(h, t, planted)) << Rule::name << t;
      EXPECT_TRUE(claim_is_noticed<double>(h, t, planted)) << Rule::name << t;
    }
  });
  EXPECT_GT(planted, 50u);
}

/// One coordinate after one step of the public call.
template <class Rule, class T>
std::vector<T> stepped(const typename Rule::Hyperparameters& h, std::uint64_t t) {
  const auto names = rules::states_of<Rule, T>(h);
  std::vector<T> numbers(names.size() + 1, T(.5));
  std::vector<std::span<T>> states;
  for (std::size_t i = 1; i < numbers.size(); ++i) states.push_back(std::span(&numbers[i], 1));
  const T gradient = T(-.75);
  rules::run_kernel<Rule, T>(h, t, std::span(numbers.data(), 1), states, std::span(&gradient, 1));
  return numbers;
}

TEST(Remembered, ACallDoesNotDependOnTheOneBefore) {
  std::vector<std::function<void()>> calls;
  for_each_convention([&]<class Rule>(const typename Rule::Hyperparameters& h) {
    for (const std::uint64_t t : {1u, 2u, 5u}) {
      std::vector<float> fresh;
      std::jthread([&] { fresh = stepped<Rule, float>(h, t); }).join();
      calls.push_back([=] { EXPECT_EQ((stepped<Rule, float>(h, t)), fresh) << t; });
    }
  });
  Random random(2);
  for (int i = 0; i < 20'000; ++i) calls[random.below(calls.size())]();
}

/// theta, the states and the gradient of a step of 40 floats, each with room to be moved.
template <class Rule>
struct Spans {
  explicit Spans(const typename Rule::Hyperparameters& hyperparameters)
      : h(hyperparameters), numbers(rules::states_of<Rule, float>(h).size() + 2) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      numbers[i].assign(80, .5f + static_cast<float>(i) / 8);
      spans.push_back(std::span(numbers[i]).first(40));
    }
  }

  void step(std::uint64_t t) {
    rules::run_kernel<Rule, float>(h, t, spans.front(), {spans.begin() + 1, spans.end() - 1},
                                   spans.back());
  }

  /// Whether a step is refused, and changes nothing, with one span in place of another.
  bool refuses(std::uint64_t t, std::size_t index, std::span<float> instead) {
    const auto before = numbers;
    const auto span = std::exchange(spans[index], instead);
    bool refused = false;
    try {
      step(t);
    } catch (const std::invalid_argument&) {
      refused = true;
    }
    spans[index] = span;
    return refused && numbers == before;
  }

  typename Rule::Hyperparameters h;
  std::vector<std::vector<float>> numbers;
  std::vector<std::span<float>> spans;
};

TEST(Remembered, AStepLikeTheLastIsLookedAtAsWell) {
  for_each_convention([]<class Rule>(const typename Rule::Hyperparameters& h) {
    Spans<Rule> good(h);
    for (const std::uint64_t t : {5u, 5u, 6u}) {
      good.step(t);
      for (std::size_t i = 0; i < good.spans.size(); ++i) {
        EXPECT_TRUE(good.refuses(t, i, std::span(good.numbers[i]).first(39))) << i;
        for (std::size_t j = 0; j < good.spans.size(); ++j) {
          if (j == i) continue;
          for (const std::size_t first : {0u, 1u, 39u})
            EXPECT_TRUE(good.refuses(t, i, std::span(good.numbers[j]).subspan(first, 40)))
                << i << j;
        }
        EXPECT_FALSE(good.refuses(t, i, std::span(good.numbers[i]).subspan(40, 40))) << i;
      }
    }
  });
}

TEST(Remembered, AStepLikeTheLastMayFindAnotherRoundingMode) {
  for_each_convention([]<class Rule>(const typename Rule::Hyperparameters& h) {
    Spans<Rule> nearest(h), upward(h);
    for (const std::uint64_t t : {5u, 5u, 5u}) nearest.step(t);
    upward.step(5);
    std::fesetround(FE_UPWARD);
    for (const std::uint64_t t : {5u, 5u}) upward.step(t);
    EXPECT_EQ(std::fegetround(), FE_UPWARD);
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(nearest.numbers, upward.numbers);
  });
}

TEST(Remembered, AStepLikeTheLastMayFindAnotherTarget) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    using Hyperparameters = typename Rule::Hyperparameters;
    const auto& known = fast::known_kernels<float, Hyperparameters>;
    for (const auto& target : fast::targets()) {
      fast::use_target(target);
      EXPECT_EQ(known.load(), nullptr);
      for (int i = 0; i < 2; ++i) stepped<Rule, float>({}, 1);
      EXPECT_EQ(known.load(), (fast::kernels<float, Hyperparameters>())) << target;
    }
  });
  fast::use_target(fast::targets().front());
}

/// The bad hyperparameters ask for the same lane as the good ones, and for others: those of
/// Facts::further.
TEST(Remembered, ARefusedCallLeavesNothingBehind) {
  fast::for_each_rule<rules::All>([]<class Rule>() {
    const typename Rule::Hyperparameters good;
    const auto before = stepped<Rule, float>(good, 7);
    auto lanes = Facts<Rule>::further();
    lanes.push_back({"", good});
    for (const auto& lane : lanes)
      for_each_number_outside<typename Rule::Fast>(
          lane.base, [&](const auto& bad, const std::string& message) {
            for (int i = 0; i < 2; ++i)
              EXPECT_THROW((stepped<Rule, float>(bad, 7)), std::invalid_argument) << message;
            EXPECT_THROW((stepped<Rule, float>(good, 0)), std::invalid_argument);
            EXPECT_EQ((stepped<Rule, float>(good, 7)), before) << message;
          });
  });
}

TEST(Remembered, MinusZeroIsZero) {
  for_each_convention([]<class Rule>(typename Rule::Hyperparameters h) {
    if constexpr (requires { h.learning_rate; }) {
      h.learning_rate = -0.0;
      const auto minus = fast::coefficient_list<double>(h, 3);
      h.learning_rate = 0;
      EXPECT_EQ(all_bits(fast::coefficient_list<double>(h, 3).values), all_bits(minus.values));
    }
  });
}

}  // namespace
}  // namespace truestep::test
