// SPDX-License-Identifier: Apache-2.0
// Situations that a stranger's properties range over: sane steps are within, others are not.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

#include "check/inputs.hpp"
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

/// The published numbers of splitmix64 for this seed, on rosettacode.org and elsewhere.
TEST(Inputs, AreDrawnBySplitmix64) {
  trial::Random random(1234567, "");
  for (const std::uint64_t known :
       {std::uint64_t{6457827717110365317}, std::uint64_t{3203168211198807973},
        std::uint64_t{9817491932198370423u}, std::uint64_t{4593380528125082431},
        std::uint64_t{16408922859458223821u}})
    EXPECT_EQ(random.next(), known);
}

TEST(Inputs, AreSpreadOverTheirRange) {
  trial::Random random(1, "unit");
  std::size_t in_quarter[4] = {};
  for (int n = 0; n < 4000; ++n) {
    const double drawn = random.unit();
    ASSERT_TRUE(drawn >= 0 && drawn < 1) << drawn;
    ++in_quarter[static_cast<std::size_t>(4 * drawn)];
  }
  // The standard deviation is 27.
  for (const std::size_t count : in_quarter) EXPECT_TRUE(count > 850 && count < 1150) << count;
}

/// Whether the size is from 10^low to below 10^high.
bool is_within(double size, double low, double high) {
  return std::pow(10, low) <= size && size < std::pow(10, high);
}

/// What the page of a course says of it, read off its numbers.
class Course : public testing::Test {
 protected:
  const trial::Map map{std::tuple_element_t<0, fast::Rules>::name, "lecture_note"};
  trial::Random random{7, "course"};
  const trial::Job job = trial::course(map, trial::numbers(map, {}, trial::Numbers::own, random),
                                       Format::float64, trial::steps_of_a_course, random);

  std::vector<double> gradients(std::size_t coordinate) const {
    std::vector<double> all;
    for (std::size_t step = 0; step < job.steps(); ++step)
      all.push_back(job.gradients[step * trial::usual_length + coordinate]);
    return all;
  }
};

TEST_F(Course, BeginsWhereAnOptimizerDoes) {
  ASSERT_EQ(job.steps(), trial::steps_of_a_course);
  for (std::size_t step = 0; step < job.steps(); ++step) EXPECT_EQ(job.t[step], step + 1);
  double least = 1, greatest = 0;
  for (std::size_t i = 0; i < trial::usual_length; ++i) {
    const double size = std::fabs(job.theta[i]);
    EXPECT_EQ(job.put_back[i], i % 3 == 0);
    EXPECT_EQ(size == 0, i % 3 == 0);
    if (size == 0) continue;
    least = std::min(least, size);
    greatest = std::max(greatest, size);
    EXPECT_TRUE(i % 3 == 1 ? is_within(size, -3, -1) : is_within(size, -1, 1)) << size;
  }
  EXPECT_TRUE(is_within(least, -3, -2.7)) << least;
  EXPECT_TRUE(is_within(greatest, 0.7, 1)) << greatest;
}

TEST_F(Course, HasGradientsOfAllKindsAndSizes) {
  std::size_t zero = 0, constant = 0, sparse = 0, alternating = 0, ranging = 0, none = 0;
  double least = std::numeric_limits<double>::infinity(), greatest = 0;
  for (std::size_t i = 0; i < trial::usual_length; ++i) {
    auto all = gradients(i);
    const auto zeros = static_cast<std::size_t>(std::ranges::count(all, 0.));
    if (zeros == all.size()) {
      ++zero;
      continue;
    }
    std::size_t turns = 0;
    for (std::size_t step = 1; step < all.size(); ++step) turns += all[step] * all[step - 1] < 0;
    alternating += turns == all.size() - 1;
    constant += std::ranges::count(all, all[0]) == std::ssize(all);
    std::erase(all, 0.);
    for (double& g : all) g = std::fabs(g);
    const auto [low, high] = std::ranges::minmax(all);
    if (zeros > 0) {
      ++sparse;
      none += zeros;
      EXPECT_TRUE(is_within(low, -1, 0.5) && is_within(high, -1, 0.5)) << low << " to " << high;
    } else if (high / low > std::pow(10, 1.5)) {
      ++ranging;
      EXPECT_TRUE(is_within(low, -11, 3.5) && is_within(high, -11, 3.5)) << low << " to " << high;
    } else {
      least = std::min(least, low);
      greatest = std::max(greatest, high);
    }
  }
  EXPECT_EQ(zero, 5u);
  EXPECT_EQ(constant, 15u);
  EXPECT_EQ(sparse, 20u);
  EXPECT_EQ(alternating, 20u);
  EXPECT_EQ(ranging, 13u);
  // Three in four of 1200, whose standard deviation is 15.
  EXPECT_TRUE(none > 825 && none < 975) << none;
  EXPECT_TRUE(is_within(least, -25, -22)) << least;
  EXPECT_TRUE(is_within(greatest, 10, 12.5)) << greatest;
}

TEST_F(Course, IsShortenedAndReversedWhole) {
  const auto part = trial::shortened(job, 5), back = trial::reversed(job);
  ASSERT_EQ(part.setup.coordinates(), 5u);
  ASSERT_EQ(back.setup.coordinates(), trial::usual_length);
  for (std::size_t step = 0; step < job.steps(); ++step)
    for (std::size_t i = 0; i < trial::usual_length; ++i) {
      const double g = job.gradients[step * trial::usual_length + i];
      if (i < 5) {
        EXPECT_EQ(part.gradients[step * 5 + i], g);
      }
      EXPECT_EQ(back.gradients[(step + 1) * trial::usual_length - 1 - i], g);
    }
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(part.theta[i], job.theta[i]);
    EXPECT_EQ(part.put_back[i], job.put_back[i]);
  }
  EXPECT_EQ(back.theta.front(), job.theta.back());
  EXPECT_EQ(back.put_back.front(), job.put_back.back());
}

}  // namespace
}  // namespace truestep::test
