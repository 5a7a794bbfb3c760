// SPDX-License-Identifier: Apache-2.0
// A convention that other rules have, and Adadelta does not.

#include <gtest/gtest.h>

#include "exit_status.hpp"
#include "transcript.hpp"

namespace truestep::cli {
namespace {

TEST(Adadelta, ConventionsAreNamedWhereOneIsMissing) {
  const auto ended = truestep().run("rules adadelta --convention burn");
  EXPECT_EQ(ended.status, bad_usage);
  EXPECT_TRUE(ended.errors.starts_with("rules: convention = burn is not one of {lecture_note, paper, "))
      << ended.errors;
  EXPECT_TRUE(ended.errors.ends_with("}\n")) << ended.errors;
}

}  // namespace
}  // namespace truestep::cli
