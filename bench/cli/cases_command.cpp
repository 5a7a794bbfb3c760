// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include "check/cases.hpp"
#include "commands.hpp"
#include "kernel_runs.hpp"
#include "output.hpp"
#include "runs/version.hpp"

namespace truestep {
namespace {

constexpr auto explanation_of_cases =
    R"(A .npz file of the runs by which a kernel is judged, for a device, a machine or a language that
`truestep check` does not reach. It goes to standard output. What it holds, and what `truestep
judge` wants back, is on the page bench/check/PROTOCOLS.md:

about          JSON in bytes: the rule, the convention, the format, what states may be shown, and for
               each run its steps, its length and the numbers that the kernel is to be given
RUN.t          the number of each step
RUN.theta      what theta is at first
RUN.gradient   a row for each step
RUN.put_back   where theta is that again before each step

Runs are made from --seed alone, and from the same numbers as those of `truestep check`.
)";

ExitStatus written(KernelRuns& runs) {
  const auto request = runs.request();
  if (isatty(STDOUT_FILENO) != 0)
    throw std::invalid_argument("standard output is a terminal; > cases.npz sends it to a file");
  print(trial::npz(trial::cases(request), version()));
  return yes;
}

}  // namespace

Command cases_command() {
  const auto runs = std::make_shared<KernelRuns>();
  const auto app = std::make_shared<CLI::App>(
      "Writes the inputs of a kernel that runs elsewhere, for judge to judge its results.",
      "cases");
  runs->add_to(*app);
  runs->subject.add_to(*app);
  return {"cases", "RULE [CONVENTION[,NAME=VALUE...]] > CASES", app,
          [runs](const Invocation&) { return written(*runs); },
          [] { return std::string(explanation_of_cases); }};
}

}  // namespace truestep
