// SPDX-License-Identifier: Apache-2.0
// What is known of a recorded run of Adam, and of its alias.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <regex>

#include "exit_status.hpp"
#include "lines/adam.hpp"

namespace truestep::cli {
namespace {

using nlohmann::json;

TEST(Adam, IdentifyJudgesTheConventionsThatItIsAskedAbout) {
  const auto judged = [](const std::string& conventions) {
    return truestep().run("identify adam " + conventions + " " + recorded_adam() + " --json");
  };
  EXPECT_EQ(judged("pytorch").status, yes);
  // keras3 would fit with another epsilon.
  EXPECT_EQ(judged("keras3 mlx").status, undetermined);
  const auto all = json::parse(judged("keras3 mlx,corrects_m=true,corrects_v=true").output);
  EXPECT_EQ(all["consistent"], json::array({"mlx,corrects_m=true,corrects_v=true"}));
  EXPECT_EQ(all["excluded"].size(), 1u);
}

TEST(Adam, EquationsAndStatementsArePrinted) {
  const auto ended = truestep().run("rules adam --convention onnx,epsilon_frame=after_correction");
  EXPECT_EQ(ended.status, yes);
  EXPECT_TRUE(std::regex_search(ended.output,
                                std::regex("m_hat       = m_t +at t = 1\n +=.*afterwards.*\n")))
      << ended.output;
  EXPECT_TRUE(ended.output.ends_with(
      "\nh.epsilon_frame = truestep::fast::EpsilonFrame::after_correction;\n"))
      << ended.output;
}

TEST(Adam, AnAliasImpliesAChoice) {
  const auto ended = truestep().run("rules adamw torch --json");
  EXPECT_EQ(json::parse(ended.output)["hyperparameters"]["weight_decay_place"], "decoupled");
}

}  // namespace
}  // namespace truestep::cli
