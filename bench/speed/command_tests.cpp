// SPDX-License-Identifier: Apache-2.0
// `truestep_speed` as its user meets it. No time is asserted.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <tuple>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <truestep/fast/rules.hpp>

namespace truestep::speed {
namespace {

using nlohmann::json;

/// The rule that stands for the others, and a cell of it.
const std::string rule = std::tuple_element_t<0, fast::Rules>::name;
const std::string cell_name = rule + "/float/1024/1";

/// What the program prints on stdout.
std::string printed(const std::string& arguments, int status = 0) {
  const std::string command = std::string(TRUESTEP_SPEED) + " " + arguments + " 2>/dev/null";
  FILE* const pipe = popen(command.c_str(), "r");
  std::string output;
  char part[4096];
  while (const std::size_t got = std::fread(part, 1, sizeof part, pipe)) output.append(part, got);
  EXPECT_EQ(WEXITSTATUS(pclose(pipe)), status) << command;
  return output;
}

}  // namespace

TEST(SpeedCommand, PrintsARowPerCellAsJsonAndNothingElse) {
  const json all =
      json::parse(printed("--benchmark_filter=" + cell_name + " --benchmark_format=json"));
  ASSERT_EQ(all["benchmarks"].size(), 1u);
  const json& cell = all["benchmarks"][0];
  EXPECT_EQ(cell["name"], cell_name);
  for (const char* counter : {"ns_per_element", "vs_loop", "vs_best_peer", "vs_best_peer_low",
                              "vs_best_peer_high", "of_limit", "o3_loop_ns", "memory_roof_ns"})
    EXPECT_GT(cell[counter].get<double>(), 0) << counter;
  EXPECT_LE(cell["vs_best_peer_low"], cell["vs_best_peer"]);
  EXPECT_LE(cell["vs_best_peer"], cell["vs_best_peer_high"]);
  EXPECT_TRUE(cell.contains(cell["label"].get<std::string>() + "_ns"));
}

TEST(SpeedCommand, IsSeenToPrintSomethingElse) {
  EXPECT_FALSE(json::accept(printed("--benchmark_filter=" + cell_name)));
}

TEST(SpeedCommand, PrintsTheTableOfThePage) {
  const std::string table = printed("--table --benchmark_filter=" + rule + "/.*/1024/1");
  EXPECT_EQ(table.find("| rule | type | threads | 1K | 16K | 512K |"), 0u) << table;
  for (const std::string& part :
       {"\n| " + rule + " | float | 1 |", "\n| " + rule + " | double | 1 |",
        std::string("Geometric mean"), std::string("`build/bin/truestep_speed --table`")})
    EXPECT_NE(table.find(part), std::string::npos) << part;
}

TEST(SpeedCommand, PrintsWhatSubnormalNumbersCost) {
  const std::string table = printed("--table --benchmark_filter=" + rule + "/.*/16384/1/");
  const auto at =
      table.find("\n| rule | type | stuck states | tiny gradients |\n|---|---|---|---|\n");
  ASSERT_NE(at, std::string::npos) << table;
  for (const std::string type : {"float", "double"}) {
    const std::string begin = "\n| " + rule + " | " + type + " | ";
    const auto line = table.find(begin, at);
    ASSERT_NE(line, std::string::npos) << table;
    double stuck = 0, tiny = 0;
    EXPECT_EQ(std::sscanf(table.c_str() + line + begin.size(), "%lf | %lf |", &stuck, &tiny), 2);
    EXPECT_GT(std::min(stuck, tiny), 0) << table;
  }
}

TEST(SpeedCommand, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(printed("--target=AVX9", 2), "");
  EXPECT_EQ(printed("--tabel", 2), "");
}

}  // namespace truestep::speed
