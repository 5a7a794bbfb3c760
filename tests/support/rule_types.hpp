// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <truestep/proofs/statements.hpp>

#include <string>
#include <tuple>

namespace truestep::test {

template <class List>
struct AsTypes;
template <class... Rule>
struct AsTypes<std::tuple<Rule...>> {
  using type = testing::Types<Rule...>;
};

/// Both statements of every rule, for a typed suite to range over; RuleName names its tests.
using EveryRule = AsTypes<rules::All>::type;

struct RuleName {
  template <class R>
  static std::string GetName(int) {
    return R::name;
  }
};

}  // namespace truestep::test
