// SPDX-License-Identifier: Apache-2.0
// fast/target.hpp: which SIMD targets there are, and choosing one.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>
#include <truestep/fast/target.hpp>
#include <vector>

namespace truestep::test {
namespace {

TEST(Targets, AreDistinctAndTheBestIsInUse) {
  const auto names = fast::targets();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(fast::target(), names.front());
  auto distinct = names;
  std::sort(distinct.begin(), distinct.end());
  EXPECT_EQ(std::unique(distinct.begin(), distinct.end()), distinct.end());
}

TEST(Targets, AreListedBestFirst) {
  const auto names = fast::targets();
  std::vector<std::string> ranked{"AVX3", "AVX2", "SSE4", "SSSE3", "NEON", "EMU128", "SCALAR"};
  const auto in = [](const auto& list) {
    return [&list](const auto& name) { return std::ranges::count(list, name) != 0; };
  };
  std::vector<std::string> found;
  std::ranges::copy_if(names, std::back_inserter(found), in(ranked));
  std::erase_if(ranked, std::not_fn(in(names)));
  EXPECT_EQ(found, ranked);
}

TEST(Targets, EachCanBeChosen) {
  const auto names = fast::targets();
  for (const auto& name : names) {
    fast::use_target(name);
    EXPECT_EQ(fast::target(), name);
  }
  fast::use_target(names.front());
  EXPECT_EQ(fast::target(), names.front());
  EXPECT_EQ(fast::targets(), names);
}

TEST(Targets, AnUnknownNameIsRefusedAndChangesNothing) {
  const auto names = fast::targets();
  const auto in_use = names.back();
  fast::use_target(in_use);
  std::string choices;
  for (const auto& name : names) choices += (choices.empty() ? "" : ", ") + name;
  for (const std::string unknown : {"", "avx2", "AVX9"}) {
    try {
      fast::use_target(unknown);
      ADD_FAILURE() << "not refused: " << unknown;
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(error.what(), "target = " + unknown + " is not one of {" + choices + "}");
    }
    EXPECT_EQ(fast::target(), in_use);
  }
  fast::use_target(names.front());
}

}  // namespace
}  // namespace truestep::test
