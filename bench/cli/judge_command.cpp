// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "check/cases.hpp"
#include "check_report.hpp"
#include "commands.hpp"

namespace truestep {
namespace {

struct JudgeOptions {
  std::vector<std::string> files;
  ReportOptions report;
};

constexpr auto explanation_of_judge =
    R"(CASES is a file of `truestep cases`, RESULTS an .npz or .safetensors file with what a kernel
made of it, as the page bench/check/PROTOCOLS.md says:

RUN.theta      theta after each step, a row for each
RUN.STATE      a state after each step, likewise; may be left out

The runs own, telling and drawn-1 to the last are needed; any other may be left out, and is not
judged then. What a file cannot show is said in the report. All else is as in `truestep check
--explain`.
)";

ExitStatus judged(JudgeOptions& options, const Invocation& invocation) {
  if (options.files.size() != 2)
    throw std::invalid_argument(
        fmt::format("{} files are given, not two: judge CASES RESULTS", options.files.size()));
  auto cases = trial::read_cases(options.files[0]);
  cases.request.only = options.report.only;
  const auto results = trial::read_results(options.files[1], cases);
  options.report.open({{"CASES", options.files[0], false}, {"RESULTS", options.files[1], false}});
  const auto name = std::filesystem::path(options.files[1]).filename().string();
  return show(trial::judged(cases, results, name), options.report, "judge", invocation);
}

}  // namespace

Command judge_command() {
  const auto options = std::make_shared<JudgeOptions>();
  const auto app = std::make_shared<CLI::App>(
      "Says whether a kernel that made a file of results is what the cases say.", "judge");
  app->add_option("files", options->files);
  app->add_option("--only", options->report.only,
                  "A section, a run, or a coordinate of a run, such as telling/17")
      ->type_name("WORD")
      ->group("Output");
  options->report.add_to(*app);
  return {"judge", "CASES RESULTS", app,
          [options](const Invocation& invocation) { return judged(*options, invocation); },
          [] { return std::string(explanation_of_judge); }};
}

}  // namespace truestep
