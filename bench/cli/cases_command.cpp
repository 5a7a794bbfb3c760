// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include "check/cases.hpp"
#include "check/declared.hpp"
#include "commands.hpp"
#include "output.hpp"
#include "runs/version.hpp"
#include "subject.hpp"

namespace truestep {
namespace {

struct CasesOptions {
  Subject subject;
  std::string format = "float32";
  std::uint64_t seed = 1;
  std::size_t trials = 4;
};

constexpr auto explanation =
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

ExitStatus written(CasesOptions& options) {
  options.subject.resolve();
  options.subject.require_rule();
  if (options.trials == 0)
    throw std::invalid_argument("trials = 0 is not an integer in [1, infinity)");
  auto request = trial::declared(options.subject.rule, options.subject.only_convention(),
                                 options.subject.given);
  request.format = trial::format_named(options.format);
  request.seed = options.seed;
  request.trials = options.trials;
  if (isatty(STDOUT_FILENO) != 0)
    throw std::invalid_argument("standard output is a terminal; > cases.npz sends it to a file");
  print(trial::npz(trial::cases(request), version()));
  return yes;
}

}  // namespace

Command cases_command() {
  const auto options = std::make_shared<CasesOptions>();
  const auto app = std::make_shared<CLI::App>(
      "Writes the inputs of a kernel that runs elsewhere, for judge to judge its results.",
      "cases");
  app->add_option("--format", options->format, "Of theta and gradients: float32, float64")
      ->type_name("WORD")
      ->group("The runs");
  app->add_option("--seed", options->seed, "What the inputs are made from")
      ->type_name("N")
      ->group("The runs");
  app->add_option("--trials", options->trials, "How many runs of each kind are drawn")
      ->type_name("N")
      ->group("The runs");
  options->subject.add_to(*app);
  return {"cases", "RULE [CONVENTION[,NAME=VALUE...]] > CASES", app,
          [options](const Invocation&) { return written(*options); },
          [] { return std::string(explanation); }};
}

}  // namespace truestep
