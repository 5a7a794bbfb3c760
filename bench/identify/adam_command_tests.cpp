// SPDX-License-Identifier: Apache-2.0
// `truestep identify` as its user meets it: what it prints, and its exit status.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using nlohmann::json;

struct Printed {
  int status;
  std::string output;
};

/// @param stream  1 for what it says, 2 for what it complains about
Printed run(const std::string& arguments, int stream = 1) {
  const std::string command = std::string(TRUESTEP_PROGRAM) + " identify " + arguments +
                              (stream == 1 ? " 2>/dev/null" : " 2>&1 >/dev/null");
  FILE* const pipe = popen(command.c_str(), "r");
  Printed printed;
  char part[4096];
  while (const std::size_t got = std::fread(part, 1, sizeof part, pipe))
    printed.output.append(part, got);
  const int status = pclose(pipe);
  printed.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return printed;
}

std::string trace(const std::string& name) {
  const std::string folder = std::string(TRUESTEP_TRACES) + "/" + name;
  return "--params " + folder + "/params.npy --grads " + folder + "/grads.npy ";
}

const std::string adam = trace("torch-adam") +
                         "--rule adam --learning-rate 0.001 --beta1 0.9 "
                         "--beta2 0.999 --epsilon ";

}  // namespace

TEST(IdentifyCommand, JsonIsOneObjectAndNothingElse) {
  const auto [status, output] = run(adam + "1e-8 --weight-decay 0 --json");
  EXPECT_EQ(status, 0);
  const json all = json::parse(output);
  std::set<std::string> keys;
  for (const auto& [key, value] : all.items()) keys.insert(key);
  EXPECT_EQ(keys, (std::set<std::string>{"version", "rule", "steps", "coordinates", "verdict",
                                         "consistent", "open", "excluded", "findings", "sentence",
                                         "rerun"}));
  EXPECT_EQ(all["rule"], "adam");
  EXPECT_EQ(all["verdict"], "fits");
  EXPECT_EQ(all["steps"], 100);
  EXPECT_EQ(all["coordinates"], 1210);
  std::set<std::string> consistent = all["consistent"], excluded;
  for (const auto& each : all["excluded"]) excluded.insert(each["convention"]);
  for (const char* known : {"pytorch", "optax", "jax"}) EXPECT_TRUE(consistent.contains(known));
  for (const char* other : {"tensorflow1", "mlx", "convnetjs"})
    EXPECT_TRUE(excluded.contains(other)) << other;
  for (const auto* list : {"consistent", "open"})
    for (const std::string each : all[list]) EXPECT_FALSE(excluded.contains(each)) << each;
  for (const auto& each : all["excluded"]) {
    EXPECT_TRUE(each["convention"].is_string() && each["step"].is_number_unsigned() &&
                each["coordinate"].is_number_unsigned());
    EXPECT_GT(each["excess"], 1);
  }
}

TEST(IdentifyCommand, PrintsABoundForEachConvention) {
  const auto [status, output] = run(adam + "1e-8 --weight-decay 0");
  EXPECT_EQ(status, 0);
  for (const auto* part : {"100 steps of 1210 coordinates in float32", "margin",
                           "\npytorch        consistent", "\ntensorflow1    excluded"})
    EXPECT_NE(output.find(part), output.npos) << part << " is not in\n" << output;
}

TEST(IdentifyCommand, SaysWhatWasToldWrong) {
  const auto [status, output] = run(adam + "0.5 --weight-decay 0 --json");
  EXPECT_EQ(status, 3);
  const json all = json::parse(output);
  EXPECT_TRUE(all["consistent"].empty());
  EXPECT_EQ(all["verdict"], "not_determined");
  const std::string verdict = all["sentence"];
  EXPECT_EQ(verdict.rfind("not determined: no convention of adam fits as told; what would: ", 0),
            0u);
  EXPECT_NE(verdict.find("epsilon = 1e-08, not the 0.5 told"), verdict.npos) << verdict;
}

TEST(IdentifyCommand, JudgesASampleAndSaysSo) {
  const auto [status, output] = run(adam + "1e-8 --weight-decay 0 --coordinates 100 --json");
  EXPECT_EQ(status, 0);
  const json all = json::parse(output);
  EXPECT_EQ(all["coordinates"], 100);
  EXPECT_EQ(all["note"], "judged on 100 of 1210 coordinates, a sample by seed 1");
}

TEST(IdentifyCommand, RefusesWhatItCannotUse) {
  for (const auto& [arguments, complaint] : std::vector<std::pair<std::string, std::string>>{
           {adam + "-1", "identify: adam: epsilon = -1 is outside [0, 2^64]\n"},
           {trace("torch-adam") + "--rule adamax",
            "identify: rule = adamax is not one of {momentum, nag, adagrad, adadelta, rmsprop, "
            "adam}: did you mean adam?\n"},
           {"--params nowhere.npy --grads nowhere.npy --rule adam",
            "identify: nowhere.npy: cannot be opened, or is empty\n"},
           {"--grads nowhere.npy --rule adam", "identify: --params is required\n"}}) {
    EXPECT_EQ(run(arguments).status, 2) << arguments;
    EXPECT_EQ(run(arguments + " --json").output, "") << arguments;
    EXPECT_EQ(run(arguments, 2).output, complaint);
  }
}
