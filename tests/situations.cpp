// SPDX-License-Identifier: Apache-2.0
// Situations that a stranger's properties range over: sane steps are within, others are not.

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "check/situation.hpp"
#include "steps_in/every_rule.hpp"

namespace truestep::test {
namespace {

using trial::Format;

template <class H>
H description(const std::string& convention, const Situation& at) {
  auto h = fast::convention<H>(convention);
  fast::for_each_number<typename H::Rule>([&](const auto& number) {
    using Value = std::remove_reference_t<decltype(h.*number.member)>;
    if constexpr (std::is_same_v<Value, double>) h.*number.member = at.number(number.name);
  });
  return h;
}

/// What a step makes of a situation in any order of operations.
template <class T, class H>
Outcome stepped(const H& h, const Situation& at, unsigned long order) {
  auto coordinate = started<T>(h);
  coordinate.theta = static_cast<T>(at.theta);
  for (const auto& [name, value] : at.states)
    *state_in(h, coordinate, name.c_str()) = static_cast<T>(value);
  step_in(h, at.t, coordinate, static_cast<T>(at.gradient), random_order(order), Fault());
  Outcome made{double{coordinate.theta}, {}};
  for (const auto& [name, value] : at.states)
    made.states[name] = double{*state_in(h, coordinate, name.c_str())};
  return made;
}

constexpr std::uint64_t seeds = 200;

template <class T, class H>
void expect_sane_steps_within(const Convention& convention, Format format) {
  std::size_t still = 0, off = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto at = situation(convention, format, seed);
    const auto made = stepped<T>(description<H>(convention.name, at), at, seed);
    EXPECT_TRUE(within(convention, at, made)) << within(convention, at, made) << at;
    auto wrong = made;
    wrong.theta = at.theta;
    still += !within(convention, at, wrong);
    wrong = made;
    wrong.states.begin()->second *= 1.0009765625;
    off += !within(convention, at, wrong);
  }
  EXPECT_GT(2 * still, seeds) << convention.rule;
  EXPECT_GT(2 * off, seeds) << convention.rule;
}

TEST(Situations, SaneStepsAreWithinAndOthersAreNot) {
  fast::for_each_rule([]<class Rule>() {
    using H = typename Rule::Hyperparameters;
    const Convention convention{Rule::name, std::string(fast::conventions_of<H>.front().name)};
    expect_sane_steps_within<float, H>(convention, Format::float32);
    expect_sane_steps_within<double, H>(convention, Format::float64);
  });
}

TEST(Situations, AreMadeOfTheirSeedAlone) {
  fast::for_each_rule([]<class Rule>() {
    const Convention convention{Rule::name, "lecture_note"};
    std::size_t first = 0, apart = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      std::ostringstream one, again, other;
      one << situation(convention, Format::float32, seed);
      again << situation(convention, Format::float32, seed);
      other << situation(convention, Format::float32, seed + 1);
      EXPECT_EQ(one.str(), again.str());
      apart += one.str() != other.str();
      first += situation(convention, Format::float32, seed).t == 1;
    }
    EXPECT_EQ(apart, seeds);
    EXPECT_GT(first, 0u) << "no first step";
  });
}

/// However it is chosen, it comes to an end where all is as simple as it gets.
TEST(Situations, AreMadeSimpler) {
  fast::for_each_rule([]<class Rule>() {
    const Convention convention{Rule::name, "lecture_note"};
    auto at = situation(convention, Format::float32, 7);
    std::size_t steps = 0;
    for (auto next = simpler(convention, at); !next.empty(); next = simpler(convention, at)) {
      at = next.back();
      ASSERT_LT(++steps, 100u);
    }
    EXPECT_EQ(at.theta, 0);
    EXPECT_LE(at.t, 2u);
    int exponent = 0;
    const double half = std::frexp(std::fabs(at.gradient), &exponent);
    EXPECT_TRUE(half == 0.5 || half == 0);
    typename Rule::Hyperparameters own;
    fast::for_each_number<Rule>([&](const auto& number) {
      using Value = std::remove_reference_t<decltype(own.*number.member)>;
      if constexpr (std::is_same_v<Value, double>) {
        EXPECT_EQ(at.number(number.name), own.*number.member) << number.name;
      }
    });
  });
}

TEST(Situations, AFailureHasItsInput) {
  fast::for_each_rule([]<class Rule>() {
    const Convention convention{Rule::name, "lecture_note"};
    const auto at = situation(convention, Format::float32, 3);
    const auto checked = within(convention, at, {at.theta + 1e9, {}});
    ASSERT_FALSE(checked);
    for (const char* part : {"outside the bound", "gradient", "expected", "theta after", "0x"})
      EXPECT_NE(checked.text().find(part), std::string::npos) << checked;
  });
}

TEST(Situations, OfNoConventionAreRefused) {
  EXPECT_THROW(situation({"none", "none"}, Format::float32, 1), std::invalid_argument);
  fast::for_each_rule([]<class Rule>() {
    EXPECT_THROW(situation({Rule::name, "none"}, Format::float32, 1), std::invalid_argument);
    EXPECT_THROW(situation({Rule::name, "lecture_note"}, Format::float32, 1).number("none"),
                 std::out_of_range);
  });
}

}  // namespace
}  // namespace truestep::test
