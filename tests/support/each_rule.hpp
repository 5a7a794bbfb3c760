// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <tuple>

#include <truestep/proofs/statements.hpp>

namespace truestep::test {

template <class List>
struct TypesOf;
template <class... Rule>
struct TypesOf<std::tuple<Rule...>> {
  using type = testing::Types<Rule...>;
};

/// Both statements of every rule, for TYPED_TEST_SUITE(Suite, EachRule, RuleName).
using EachRule = TypesOf<rules::All>::type;

struct RuleName {
  template <class Rule>
  static std::string GetName(int) {
    return Rule::name;
  }
};

}  // namespace truestep::test
