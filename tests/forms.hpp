// SPDX-License-Identifier: Apache-2.0
// Every convention of a rule, and every choice that no convention makes, under the sections that
// the seed's convention has. Each pair of conventions is a planted fault: the kernel of one must
// not pass for the other. CMakeLists.txt compiles it a rule at a time.

#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "support/each_rule.hpp"
#include "support/facts.hpp"
#include "support/generate.hpp"
#include "support/proved_lane.hpp"
#include "support/sections.hpp"

namespace truestep::test {
namespace {

/// The shapes that the rule's conventions have and that have a lane, each once, and the further
/// ones.
template <class R>
std::vector<Variant<R>> variants() {
  std::vector<Variant<R>> distinct;
  const auto add = [&](const Variant<R>& variant) {
    if (fast::without_lane(variant.base) != nullptr) return;
    for (const auto& known : distinct)
      if (shape<R>(known.base) == shape<R>(variant.base)) return;
    distinct.push_back(variant);
  };
  for (const auto& row : fast::conventions_of<typename R::Hyperparameters>)
    add({std::string(row.name), row.hyperparameters});
  for (const auto& variant : Facts<R>::further()) add(variant);
  return distinct;
}

template <class R>
class Forms : public testing::Test {};
TYPED_TEST_SUITE_P(Forms);

constexpr std::size_t one_step_section = 3, many_steps_section = 4;

template <class R, class T>
void expect(const Variant<R>& variant, std::initializer_list<std::size_t> sections,
            const Effort& effort) {
  const auto subject = convention_subject<R, T, Facts>(variant);
  for (const std::size_t section : sections) {
    const auto outcome = *run_section(section, subject, effort);
    EXPECT_TRUE(outcome.held) << R::name << ", " << variant.name << ", " << section_names[section]
                              << ": " << outcome.report;
  }
}

template <class R>
void expect(std::initializer_list<std::size_t> sections, std::size_t coordinates) {
  const Effort effort{.coordinates = coordinates, .hard_coefficients = false};
  for (const auto& variant : variants<R>()) {
    expect<R, float>(variant, sections, effort);
    expect<R, double>(variant, sections, effort);
  }
}

TYPED_TEST_P(Forms, EqualBits) { expect<TypeParam>({2}, 10'000); }
TYPED_TEST_P(Forms, OneStep) { expect<TypeParam>({one_step_section}, 40'000); }
TYPED_TEST_P(Forms, ManySteps) { expect<TypeParam>({many_steps_section}, 40'000); }
TYPED_TEST_P(Forms, Coefficients) { expect<TypeParam>({6}, 10'000); }
TYPED_TEST_P(Forms, Symmetries) { expect<TypeParam>({8}, 40'000); }

/// Whether two references part on the way through a few gradients.
template <class R>
bool differ(const Variant<R>& a, const Variant<R>& b, const Hyperparameters& drawn) {
  const auto first = convention_subject<R, double, Facts>(a);
  auto second = first;
  use_reference<R>(second, b.base);
  Point<Real> x{1, first.exact_start(drawn)}, y{1, second.exact_start(drawn)};
  Seen<Real> seen;
  for (std::uint64_t t = 1; t <= 4; ++t) {
    const Real g = t % 2 == 0 ? Real(-0.75) : Real(0.5);
    first.reference(drawn, t)(x, g, seen);
    second.reference(drawn, t)(y, g, seen);
  }
  return static_cast<double>(x.theta) != static_cast<double>(y.theta);
}

/// The kernel of each convention against the reference of every other that is another map.
TYPED_TEST_P(Forms, NoConventionPassesForAnother) {
  using R = TypeParam;
  const Effort effort{.coordinates = 4'000, .demanding = false, .seed = 1};
  const auto all = variants<R>();
  const Hyperparameters drawn{0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.5625, 0.1875, 0.8125, 0.4375};
  std::size_t pairs = 0;
  for (const auto& a : all) {
    for (const auto& b : all) {
      if (!differ(a, b, drawn)) continue;
      ++pairs;
      auto subject = convention_subject<R, float, Facts>(a);
      use_reference<R>(subject, b.base);
      const bool caught = !run_section(one_step_section, subject, effort)->held ||
                          !run_section(many_steps_section, subject, effort)->held;
      EXPECT_TRUE(caught) << R::name << ": " << a.name << " passes for " << b.name;
    }
  }
  EXPECT_GE(pairs, all.size());
  std::cout << R::name << ": " << all.size() << " conventions, " << pairs << " pairs told apart\n";
}

/// What is proved of the lane of a convention. Weight decay is a lane of its own: what it decayed
/// is then an input.
template <class R, class T>
std::optional<ProvedStep<T>> proved_of(const Variant<R>& variant) {
  std::optional<ProvedStep<T>> proved;
  fast::with_lane(variant.base, [&]<class Lane>() {
    if constexpr (!proofs::is_decayed<Lane>)
      proved = ProvedStep<T>::template of<Lane>(Against::hyperparameters);
  });
  return proved;
}

/// One step of a convention's lane against the lane at the exact coefficients, within the constants
/// proved.
template <class R, class T>
Outcome within_constants(const Variant<R>& variant, const Effort& effort) {
  const auto proved = proved_of<R, T>(variant);
  if (!proved) return {};
  const auto subject = convention_subject<R, T, Facts>(variant);
  return check(effort, effort.coordinates / per_case + 1,
               blocks(subject, Spread::stratified, per_case),
               [&](const Block<T>& block, Outcome& tally) -> std::string {
                 const auto rounded = subject.coefficients(block.h, block.t);
                 const auto expressions = subject.exact_coefficients(block.h, block.t);
                 Coefficients<Real> exact{};
                 std::copy(expressions.begin(), expressions.end(), exact.begin());
                 if (!proved->hypotheses(rounded, exact)) return "";
                 for (const auto& [before, gradient] : block.coordinates)
                   if (const auto report = proved->excess(rounded, exact, before, gradient, tally);
                       !report.empty())
                     return report;
                 return "";
               });
}

/// In double a coefficient that a convention makes of several hyperparameters is rounded, which a
/// theorem that takes it for one of them does not allow: such a convention has no teeth there, and
/// the theorems at the rounded coefficients instead (proved_bounds.cpp).
TYPED_TEST_P(Forms, OneStepWithinProvedConstants) {
  using R = TypeParam;
  const Effort effort{.coordinates = 20'000};
  std::size_t single_teeth = 0, double_teeth = 0;
  for (const auto& variant : variants<R>()) {
    const auto single = within_constants<R, float>(variant, effort);
    const auto twice = within_constants<R, double>(variant, effort);
    EXPECT_TRUE(single.held) << R::name << ", " << variant.name << ": " << single.report;
    EXPECT_TRUE(twice.held) << R::name << ", " << variant.name << ": " << twice.report;
    single_teeth += single.teeth;
    double_teeth += twice.teeth;
  }
  EXPECT_GE(single_teeth, effort.coordinates);
  EXPECT_GE(double_teeth, effort.coordinates);
}

REGISTER_TYPED_TEST_SUITE_P(Forms, EqualBits, OneStep, ManySteps, Coefficients, Symmetries,
                            NoConventionPassesForAnother, OneStepWithinProvedConstants);

}  // namespace
}  // namespace truestep::test
