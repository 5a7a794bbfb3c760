// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>

#include "runs/escaped.hpp"
#include "report.hpp"

namespace truestep::drift {
namespace {

std::string test_case(const std::string& of, const std::string& name, const std::string& failure) {
  const auto attributes =
      fmt::format("classname=\"audit.{}\" name=\"{}\"", escaped(of), escaped(name));
  if (failure.empty()) return fmt::format("  <testcase {}/>\n", attributes);
  return fmt::format("  <testcase {}><failure message=\"{}\"/></testcase>\n", attributes,
                     escaped(failure));
}

}  // namespace

std::string junit(std::span<const Run> runs, const Criteria& criteria,
                  std::optional<Verdict> fails_on, std::span<const std::string> over_budget) {
  std::string cases;
  std::size_t count = 0, failures = 0;
  const auto add = [&](const std::string& of, const std::string& name, const std::string& failure) {
    cases += test_case(of, name, failure);
    ++count;
    failures += !failure.empty();
  };
  for (const Run& run : runs) {
    add(run.rule, "kernels on " + run.workload,
        run.checks().passed() ? "" : answer({&run, 1}, false));
    for (std::size_t i = 0; i < run.readings.size(); ++i) {
      const Verdict verdict = verdict_on(run, i, criteria);
      add(run.rule, run.readings[i].setup.name() + " on " + run.workload,
          fails_on && verdict >= *fails_on ? sentence_on(run, i, verdict) : "");
    }
  }
  for (const auto& line : over_budget) add("budget", line.substr(0, line.find(": ")), line);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"truestep audit\" "
      "tests=\"{}\" failures=\"{}\">\n{}</testsuite>\n",
      count, failures, cases);
}

}  // namespace truestep::drift
