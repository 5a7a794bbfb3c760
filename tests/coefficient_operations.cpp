// SPDX-License-Identifier: Apache-2.0
// The tie between fast/coefficients/double_double.hpp and the theorems:
// proofs/generated/CoefficientOperations.v holds the operations that were proved about.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include <truestep/proofs/recorded_operations.hpp>

#include "support/altered.hpp"
#include "support/report.hpp"

namespace truestep::test {
namespace {

using proofs::Expression;

/// The terms that were proved about, by name.
std::map<std::string, std::string> proved_terms() {
  std::ifstream file(TRUESTEP_PROVED_OPERATIONS);
  const std::string before = "Definition ", between = " : expression := ";
  std::map<std::string, std::string> terms;
  for (std::string line; std::getline(file, line);) {
    const auto middle = line.find(between);
    if (!line.starts_with(before) || middle == std::string::npos) continue;
    const auto term = middle + between.size();
    terms[line.substr(before.size(), middle - before.size())] =
        line.substr(term, line.size() - term - 1);
  }
  return terms;
}

/// What of an operation is not what its theorem is about.
template <class Number>
std::string moved(const proofs::CoefficientOperation<Number>& operation) {
  static const auto proved = proved_terms();
  const auto recorded = operation.recorded();
  std::string report;
  for (const auto& [part, expression] :
       {std::pair("_high", recorded.high), std::pair("_low", recorded.low)}) {
    const std::string name = std::string(operation.name) + part;
    const auto known = proved.find(name);
    if (known != proved.end() && known->second == expression.term()) continue;
    report += text(name, ": theorem ", operation.theorem,
                   " is about other operations than fast/coefficients/double_double.hpp has now\n"
                   "  proved about  ",
                   known == proved.end() ? "nothing" : known->second, "\n  runs          ",
                   expression.term(), "\n");
  }
  return report;
}

TEST(CoefficientOperations, AreThoseThatWereProvedAbout) {
  std::size_t terms = 0;
  for (const auto& operation : proofs::coefficient_operations<Expression>()) {
    EXPECT_EQ(moved(operation), "");
    terms += 2;
  }
  EXPECT_EQ(terms, proved_terms().size())
      << "proofs/generated/CoefficientOperations.v speaks of others too";
}

/// Each step of each operation, altered in turn, is seen, and the message says whose. The root
/// alone has steps that nothing comes of: the low part of its rest, a difference of a difference.
TEST(CoefficientOperations, AreOthersWithAnyStepAltered) {
  for (const auto& operation : proofs::coefficient_operations<Altered>()) {
    int steps = 0, unseen = 0;
    for (;; ++steps) {
      Altered::operations_left = steps;
      const auto report = moved(operation);
      if (Altered::operations_left >= 0) break;
      if (report.empty()) {
        ++unseen;
        continue;
      }
      EXPECT_TRUE(report.starts_with(operation.name)) << report;
      EXPECT_NE(report.find(text("theorem ", operation.theorem, " ")), std::string::npos) << report;
    }
    EXPECT_GE(steps, 7) << operation.name;
    EXPECT_EQ(unseen, operation.name == "root" ? 2 : 0) << operation.name;
  }
}

}  // namespace
}  // namespace truestep::test
