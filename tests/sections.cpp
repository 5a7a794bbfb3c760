// SPDX-License-Identifier: Apache-2.0
// The sections of the suite, of each rule: what holds its two statements together.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "facts/every_rule.hpp"
#include "support/each_rule.hpp"
#include "support/suite.hpp"

namespace truestep::test {
namespace {

using RuleAndSection = std::tuple<std::string, std::size_t>;

std::vector<RuleAndSection> rules_and_sections() {
  std::vector<RuleAndSection> all;
  for (const auto& suite : suites())
    for (std::size_t number = 1; number < std::size(section_names); ++number)
      if (applies(number, suite.shipped.single))
        all.emplace_back(suite.shipped.single.rule.name, number);
  return all;
}

class Sections : public testing::TestWithParam<RuleAndSection> {};

TEST_P(Sections, Hold) {
  const auto& [name, number] = GetParam();
  fast::with_rule<rules::All>(name, [number = number]<class Rule>() {
    expect_section(number, Facts<Rule>::suite().shipped);
  });
}

/// RULE_one_step, and so on.
std::string name_of(const testing::TestParamInfo<RuleAndSection>& info) {
  const auto& [name, number] = info.param;
  std::string section = section_names[number];
  std::replace(section.begin(), section.end(), ' ', '_');
  return name + "_" + section;
}

INSTANTIATE_TEST_SUITE_P(, Sections, testing::ValuesIn(rules_and_sections()), name_of);

template <class Rule>
class Edges : public testing::Test {};
TYPED_TEST_SUITE(Edges, EachRule, RuleName);

TYPED_TEST(Edges, AreAsStated) { expect_edges(Facts<TypeParam>::suite().shipped); }

}  // namespace
}  // namespace truestep::test
