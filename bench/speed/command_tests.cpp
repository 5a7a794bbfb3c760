// SPDX-License-Identifier: Apache-2.0
// `truestep_speed` as its user meets it. No time is asserted.

#include <cstddef>
#include <cstdio>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

namespace truestep::speed {
namespace {

using nlohmann::json;

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
      json::parse(printed("--benchmark_filter=adam/float/1024/1 --benchmark_format=json"));
  ASSERT_EQ(all["benchmarks"].size(), 1u);
  const json& cell = all["benchmarks"][0];
  EXPECT_EQ(cell["name"], "adam/float/1024/1");
  for (const char* counter : {"ns_per_element", "vs_loop", "vs_best_peer", "vs_best_peer_low",
                              "vs_best_peer_high", "of_limit", "o3_loop_ns", "memory_roof_ns"})
    EXPECT_GT(cell[counter].get<double>(), 0) << counter;
  EXPECT_LE(cell["vs_best_peer_low"], cell["vs_best_peer"]);
  EXPECT_LE(cell["vs_best_peer"], cell["vs_best_peer_high"]);
  EXPECT_TRUE(cell.contains(cell["label"].get<std::string>() + "_ns"));
}

TEST(SpeedCommand, IsSeenToPrintSomethingElse) {
  EXPECT_FALSE(json::accept(printed("--benchmark_filter=nag/float/1024/1")));
}

TEST(SpeedCommand, PrintsTheTableOfThePage) {
  const std::string table = printed("--table --benchmark_filter=momentum/.*/1024/1");
  EXPECT_EQ(table.find("| rule | type | threads | 1K | 16K | 512K |"), 0u) << table;
  for (const char* part : {"\n| momentum | float | 1 |", "\n| momentum | double | 1 |",
                           "Geometric mean", "`build/bin/truestep_speed --table`"})
    EXPECT_NE(table.find(part), std::string::npos) << part;
}

TEST(SpeedCommand, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(printed("--target=AVX9", 2), "");
  EXPECT_EQ(printed("--tabel", 2), "");
}

}  // namespace truestep::speed
