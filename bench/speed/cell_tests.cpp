// SPDX-License-Identifier: Apache-2.0
// That like is compared with like: every candidate makes the rule's step.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <truestep/proofs/numbers/any_order.hpp>

#include "cell.hpp"

namespace truestep::speed {
namespace {

template <class Rule>
using Numbers = typename Rule::Hyperparameters;

/// How often a candidate's theta leaves the bound that holds for every sane order of the formula's
/// operations (proofs/numbers/any_order.hpp). The bound wants each operation rounded correctly.
/// Where a peer has a reciprocal and a root approximated, -ffast-math and Eigen among them, it may
/// be left; what is seen is that it is not, because it allows twice the roundings that there are.
template <class Rule, class T>
std::size_t outside(const std::string& name, const Numbers<Rule>& run_with,
                    const Numbers<Rule>& stated, int threads) {
  using Number = proofs::AnyOrder<T>;
  using Formula = typename Rule::template Formula<Number>;
  constexpr std::size_t count = 1000, steps = 4;
  Cell<Rule, T> cell(run_with, count, threads, Start::first_step);
  const auto candidates = cell.candidates();
  const auto& candidate = *std::ranges::find(candidates, name, &Candidate::name);
  std::vector<typename Formula::State> states(count, Formula::start(stated));
  std::size_t left = 0;
  for (std::size_t t = 1; t <= steps; ++t) {
    const std::vector<T> before(cell.theta().begin(), cell.theta().end());
    candidate.step();
    const Formula formula = Rule::template formula<Number>(stated, t);
    for (std::size_t i = 0; i < count; ++i) {
      const auto now =
          formula.step(Number::data(before[i]), states[i], Number::data(cell.gradient()[i]));
      states[i] = proofs::stored<Formula>(now);
      EXPECT_TRUE(now.theta.bounded());
      left += !(std::fabs(cell.theta()[i] - now.theta.value) <= now.theta.radius);
    }
    std::ranges::reverse(cell.gradient());  // under a constant one no mean can be seen
  }
  return left;
}

/// The convention that a candidate follows, with our numbers.
template <class Rule>
Numbers<Rule> convention_of(const std::string& candidate, const Numbers<Rule>& numbers) {
  if (candidate != "torch") return numbers;
  auto h = fast::convention<Numbers<Rule>>("pytorch");
  for (const auto& [name, member] : Rule::hyperparameters) h.*member = numbers.*member;
  return h;
}

/// Calls visit(name) for what makes steps.
template <class Rule, class T, class Visit>
void for_each_candidate(const Visit& visit) {
  Cell<Rule, T> cell(hyperparameters<Rule>(), 1, 1, Start::first_step);
  for (const auto& candidate : cell.candidates())
    if (candidate.role != Role::limit) visit(candidate.name);
}

template <class Rule, class T>
void expect_the_rules_step(int threads) {
  const auto h = hyperparameters<Rule>();
  for_each_candidate<Rule, T>([&](const std::string& name) {
    EXPECT_EQ((outside<Rule, T>(name, h, convention_of<Rule>(name, h), threads)), 0u)
        << name << " with " << threads << " threads";
  });
}

/// Each number in turn is replaced by its root, which is in its range too.
template <class Rule, class T>
void expect_a_wrong_number_to_be_seen() {
  const auto h = hyperparameters<Rule>();
  for_each_candidate<Rule, T>([&](const std::string& name) {
    for (const auto& [number, member] : Rule::hyperparameters) {
      auto wrong = h;
      wrong.*member = std::sqrt(h.*member);
      EXPECT_NE((outside<Rule, T>(name, wrong, convention_of<Rule>(name, h), 1)), 0u)
          << name << " with a wrong " << number;
    }
  });
}

template <class Rule>
void expect_limits_to_change_nothing() {
  Cell<Rule, double> cell(hyperparameters<Rule>(), 1000, 1, Start::steady);
  Cell<Rule, double> untouched(hyperparameters<Rule>(), 1000, 1, Start::steady);
  for (const auto& candidate : cell.candidates())
    if (candidate.role == Role::limit) candidate.step();
  // A step shows the states that it began from.
  cell.candidates().front().step();
  untouched.candidates().front().step();
  EXPECT_TRUE(std::ranges::equal(cell.theta(), untouched.theta()));
}

template <class Rule>
class Peers : public testing::Test {};

struct RuleName {
  template <class Rule>
  static std::string GetName(int) {
    return Rule::name;
  }
};

template <class Tuple>
struct TypesOf;
template <class... Rule>
struct TypesOf<std::tuple<Rule...>> : std::type_identity<testing::Types<Rule...>> {};

}  // namespace

TYPED_TEST_SUITE(Peers, TypesOf<rules::All>::type, RuleName);

TYPED_TEST(Peers, MakeTheRulesStep) {
  expect_the_rules_step<TypeParam, float>(1);
  expect_the_rules_step<TypeParam, double>(1);
  expect_the_rules_step<TypeParam, double>(2);
}

TYPED_TEST(Peers, AreSeenToHaveAWrongNumber) {
  expect_a_wrong_number_to_be_seen<TypeParam, float>();
  expect_a_wrong_number_to_be_seen<TypeParam, double>();
}

/// What is timed as stuck is so at the first step and at the last, and what is tiny is no zero.
TYPED_TEST(Peers, KeepSubnormalWhatIsTimedAsThat) {
  const auto h = hyperparameters<TypeParam>();
  Cell<TypeParam, float> stuck(h, 1000, 1, Start::stuck), tiny(h, 1000, 1, Start::tiny);
  EXPECT_TRUE(stuck.is_stuck());
  EXPECT_FALSE((Cell<TypeParam, float>(h, 1000, 1, Start::steady).is_stuck()));
  const Candidate steps[] = {stuck.ours_aside("stuck"), tiny.ours_aside("tiny")};
  for (const Candidate& each : steps) each.step();
  const bool once = stuck.is_stuck();
  for (int t = 1; t < 100; ++t)
    for (const Candidate& each : steps) each.step();
  EXPECT_EQ(stuck.is_stuck(), once);
  EXPECT_EQ(std::ranges::count(stuck.theta(), 1.f), 1000);
  EXPECT_EQ(std::ranges::count_if(tiny.gradient(),
                                  [](float x) { return std::fpclassify(x) == FP_SUBNORMAL; }),
            1000);
}

TYPED_TEST(Peers, AreLeftAloneByTheLimits) { expect_limits_to_change_nothing<TypeParam>(); }

}  // namespace truestep::speed
