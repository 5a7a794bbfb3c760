// SPDX-License-Identifier: Apache-2.0
// Deviations that are planted in runs of every rule have to be found, and named first.

#include "deviations.hpp"

#include <algorithm>

#include "identify/text.hpp"
#include "support/each_rule.hpp"

namespace truestep::test {
namespace {

constexpr Course course{.steps = 40, .coordinates = 8};

template <class Rule>
class IdentifyDeviation : public testing::Test {
 protected:
  IdentifyDeviation() {
    options.given = given<Rule>(Facts<Rule>::telling().front());
    h = with<Rule>(fast::conventions_of<Numbers<Rule>>.front().hyperparameters, options);
  }

  std::string named(const Deviating& deviating) {
    const auto record = deviating_run<Rule>(h, course, deviating);
    return first_deviation(identify::identify(Rule::name, record, options));
  }

  Options options;
  Numbers<Rule> h;
};
TYPED_TEST_SUITE(IdentifyDeviation, EachRule, RuleName);

}  // namespace

TYPED_TEST(IdentifyDeviation, NoneIsNamedOfARunThatFits) {
  EXPECT_EQ(this->named(Deviating{}), "");
}

TYPED_TEST(IdentifyDeviation, ASign) {
  EXPECT_EQ(this->named({.gradient_used = [](std::size_t, std::size_t, double g) { return -g; }}),
            "if the gradient's sign is turned");
}

TYPED_TEST(IdentifyDeviation, AScale) {
  EXPECT_EQ(
      this->named({.gradient_used = [](std::size_t, std::size_t, double g) { return g / 1024; }}),
      "if the gradients are scaled by 0.0009765625");
}

TYPED_TEST(IdentifyDeviation, ASkippedStep) {
  const auto skips = [](std::size_t t, std::size_t, double) { return std::size_t{t != 20}; };
  EXPECT_EQ(this->named({.counter = [](std::size_t t) { return t - (t > 20); }, .times = skips}),
            "if step 20 was skipped, and t stands still meanwhile");
}

TYPED_TEST(IdentifyDeviation, ADoubledStep) {
  const auto doubles = [](std::size_t t, std::size_t, double) { return std::size_t{t == 20} + 1; };
  EXPECT_EQ(this->named({.counter = [](std::size_t t) { return t + (t > 20); }, .times = doubles}),
            "if step 20 is made twice");
}

TYPED_TEST(IdentifyDeviation, LostStates) {
  EXPECT_EQ(this->named({.states_lost = 20}),
            "if the states start again at step 20, and t goes on");
}

TYPED_TEST(IdentifyDeviation, ALateGradient) {
  const auto g = gradients(course);
  EXPECT_EQ(this->named({.gradient_used =
                             [&](std::size_t t, std::size_t i, double) {
                               return t == 1 ? 0.0
                                             : double{static_cast<float>(
                                                   g[(t - 2) * course.coordinates + i])};
                             }}),
            "if the gradients come one step late");
}

TYPED_TEST(IdentifyDeviation, AClippedNorm) {
  const auto g = gradients(course);
  EXPECT_EQ(this->named({.gradient_used =
                             [&](std::size_t t, std::size_t, double its) {
                               double sum = 0;
                               for (std::size_t i = 0; i < course.coordinates; ++i)
                                 sum += std::pow(float(g[(t - 1) * course.coordinates + i]), 2);
                               const double factor = std::min(1.0, 0.5 / (std::sqrt(sum) + 1e-6));
                               return double{float(its) * static_cast<float>(factor)};
                             }}),
            "if the gradients are clipped to a norm of 0.5, over the norm plus 1e-06");
}

TYPED_TEST(IdentifyDeviation, Coordinates) {
  EXPECT_EQ(this->named({.rate = [](std::size_t, std::size_t i,
                                    double rate) { return i < 4 ? rate : rate / 8; }}),
            identify::text("if coordinates 0-3 are as told, coordinates 4-7 have learning_rate = ",
                           identify::shortest(this->h.learning_rate / 8)));
  EXPECT_EQ(
      this->named({.times = [](std::size_t, std::size_t i, double) { return std::size_t{i < 5}; }}),
      "if coordinates 0-4 are as told, coordinates 5-7 are left as they are");
}

TYPED_TEST(IdentifyDeviation, ASchedule) {
  const auto rate = this->h.learning_rate;
  EXPECT_EQ(this->named({.rate = [](std::size_t t, std::size_t,
                                    double its) { return t <= 20 ? its : its / 10; }}),
            identify::text("if the learning rate changes: ", identify::shortest(rate),
                           " at steps 1-20, ", identify::shortest(rate / 10), " at steps 21-40"));
}

}  // namespace truestep::test
