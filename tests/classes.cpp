// SPDX-License-Identifier: Apache-2.0
// The table of conventions: a row for each optimizer class and rule, from a source, with the
// class's own defaults. Where the rows lead is in known_answers.cpp.

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "support/class_runs.hpp"

namespace truestep::test {
namespace {

using classes::halves;
using classes::number;
using classes::set;
using classes::split;

/// The lecture note and the papers apart, which are no systems.
TEST(Classes, HaveARowAndARowHasAClass) {
  std::set<std::string_view> named;
  fast::for_each_rule([&]<class Rule>() {
    std::set<std::string_view> names;
    for (const auto& row : fast::conventions_of<typename Rule::Hyperparameters>) {
      EXPECT_TRUE(names.insert(row.name).second) << Rule::name << " " << row.name;
      if (row.class_name.empty()) {
        EXPECT_FALSE(row.words.empty()) << Rule::name << " " << row.name;
        continue;
      }
      const auto* const optimizer = row.optimizer();
      ASSERT_NE(optimizer, nullptr) << Rule::name << " " << row.class_name;
      named.insert(row.class_name);
      const bool decays = row.hyperparameters.weight_decay_place != fast::WeightDecay::none;
      const bool has_amount =
          (" " + std::string(optimizer->numbers)).find(" weight_decay=") != std::string::npos;
      EXPECT_TRUE(!decays || has_amount || row.words.find("weight decay") != row.words.npos)
          << row.class_name << " decays weights, and nothing says how it is told to";
      const auto bare = row.name.substr(0, row.name.find('.'));
      EXPECT_EQ(bare, optimizer->system()) << row.name;
      for (const auto field : {optimizer->versions, optimizer->repository, optimizer->commit,
                               optimizer->version, optimizer->file, optimizer->symbol,
                               optimizer->read, optimizer->established, optimizer->notes})
        EXPECT_FALSE(field.empty()) << row.class_name;
    }
  });
  for (const auto& each : fast::optimizer_classes)
    EXPECT_TRUE(named.contains(each.name)) << each.name << " has no row";
}

/// A number that is 0 by default and whose name the rule carries is the lecture note's in its row.
TEST(Classes, HaveTheirOwnDefaults) {
  const std::set<std::string> indispensable{"momentum", "beta1", "rho"};
  fast::for_each_rule([&]<class Rule>() {
    for (const auto& row : fast::conventions_of<typename Rule::Hyperparameters>) {
      if (row.class_name.empty()) continue;
      for (const auto& each : split(row.optimizer()->numbers, " ")) {
        const auto [name, typed] = halves(each, '=');
        const bool stands_in =
            typed.empty() || (indispensable.contains(name) && number(typed) == 0);
        if (stands_in || row.options.find(name + ">") != std::string_view::npos ||
            row.options.find(":" + name + "=") != std::string_view::npos)
          continue;
        auto h = row.hyperparameters;
        if (typed.find_first_not_of("0123456789.e-+") == std::string::npos && set(h, name, typed)) {
          EXPECT_EQ(h, row.hyperparameters) << Rule::name << " " << row.class_name << " " << each;
        }
      }
    }
  });
}

}  // namespace
}  // namespace truestep::test
