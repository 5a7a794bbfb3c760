// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "check_report.hpp"
#include "commands.hpp"
#include "kernel_runs.hpp"

namespace truestep {
namespace {

struct CheckOptions {
  KernelRuns runs;
  ReportOptions report;
  std::optional<std::string> command;
  double limit = 20;
  bool times = false;
};

constexpr auto explanation_of_check =
    R"(LIBRARY is a shared library that exports the functions of truestep_kernel.h. It is loaded in a
process of its own for each run, so that a crash is a finding like any other. With --command there
is no LIBRARY: a program in any language answers lines, as bench/check/PROTOCOLS.md has them, and is
started for each run. What the kernel is said to be, RULE and CONVENTION, is checked and not
excused; no convention is lecture_note.

bound       what any sane order of operations makes of a step, from theta before it and the
            gradients so far: two roundings of each result of the formula, before cancellation, or
            as many as one of its terms may meet, and one of each coefficient
            (proofs/numbers/any_order.hpp). There is no other tolerance
map         which convention it is; where it is not the one declared, which it is instead: another
            of the table, the declared one with a choice or a number otherwise, or with two choices
steps       long runs, late t, and steps from any state where the kernel lets its states be set
habits      coefficients made in float, running products, a float power, approximate quotients and
            roots: with what they cost
shape       lengths, tensors, arrays that end at a page; bits that depend on where a coordinate lies
laws        the sign, powers of two, going on from saved states
conduct     crash, hang, writing elsewhere, the processor's control word, NaN, infinity, 0
storage     where an array has 16 bits: half an ulp of a store is part of the bound, or a whole one
            where it is drawn; whether it is drawn, and evenly
u           half an ulp of 1, relative to the sizes that are added up
speed       with --speed: ns an element, and the ratio to our kernel of that map on one thread, and
            to a loop that reads and writes the same arrays; all three take turns, and the interval
            holds the median ratio in 97 of 100 measurements

A fault of the map, of a step, of what is written, of the control word, a crash, a hang or a NaN
that spreads makes the exit status 1. Habits, laws, and bits that depend on where a coordinate lies
are noted, and make it 1 with --strict. Numbers that are given are told to the kernel in every run;
the others are the convention's own, then such as tell conventions apart, then drawn.

--format is that of all arrays: float32, float64, bfloat16 or float16. Behind it stands what is
otherwise: gradients=FORMAT, states=FORMAT, a state's name=FORMAT, rounding=stochastic, or
arithmetic=bfloat16 where each operation is rounded and not the result alone.

The object of --json:
{"version", "kernel", "rule", "map", "format", "seed",
 "status": "right" | "wrong" | "not determined", "conclusion": TEXT, "runs", "steps", "teeth",
 "largest_share", "farthest": {"u", "input": [TEXT], "rerun": COMMAND},
 "sections": [{"name", "said"}], "special": [{"input", "outcome"}],
 "findings": [{"section", "kind", "wrong", "text", "input": [TEXT], "rerun": COMMAND}],
 "unseen": TEXT of what cannot be seen of a kernel in another process, "rerun": COMMAND,
 "speed": {"timings": [{"length", "ns", "roof_ns", "to_roof": {"low", "middle", "high"},
   "ours_ns" where there is one of ours, "to_ours": {"low", "middle", "high"} where there is}],
   "undetermined"} where --speed asks for it,
 "note": TEXT where the rule's name is an alias}
)";

/// Takes it off the operands; "" where a command is the kernel.
std::string library_of(CheckOptions& options) {
  if (options.command) return "";
  auto& operands = options.runs.subject.operands;
  if (operands.empty())
    throw std::invalid_argument("a library is missing: check LIBRARY RULE [CONVENTION]");
  const auto library = operands.front();
  operands.erase(operands.begin());
  return library;
}

ExitStatus checked(CheckOptions& options, const Invocation& invocation) {
  const auto library = library_of(options);
  const auto kernel =
      options.command ? trial::command_kernel(*options.command) : trial::shared_library(library);
  auto request = options.runs.request();
  if (!(options.limit >= 0.001 && options.limit <= 86400))
    throw std::invalid_argument(fmt::format("limit = {} is outside [0.001, 86400]", options.limit));
  request.limit = std::chrono::milliseconds(static_cast<std::int64_t>(options.limit * 1000));
  request.only = options.report.only;
  options.report.note = options.runs.subject.note;
  options.report.open({{"LIBRARY", library, false}});
  const auto report = trial::examine(*kernel, request);
  if (options.times) options.report.speed = trial::speed(*kernel, request);
  return show(report, options.report, "check", invocation);
}

}  // namespace

Command check_command() {
  const auto options = std::make_shared<CheckOptions>();
  const auto app = std::make_shared<CLI::App>(
      "Says whether a kernel is what it is said to be, in a shared library or a program.", "check");
  app->add_option("--command", options->command,
                  "A program that is the kernel, such as \"node mine.js\", and no LIBRARY")
      ->type_name("COMMAND")
      ->group("The runs");
  options->runs.add_to(*app);
  app->add_option("--limit", options->limit, "Seconds after which a run hangs")
      ->type_name("SECONDS")
      ->group("The runs");
  app->add_option("--only", options->report.only,
                  "A section, a run, or a coordinate of a run, such as telling/17")
      ->type_name("WORD")
      ->group("The runs");
  app->add_flag("--speed", options->times, "Time a step beside ours and beside its memory")
      ->group("The runs");
  options->report.add_to(*app);
  options->runs.subject.add_to(*app);
  return {"check", "{LIBRARY | --command COMMAND} RULE [CONVENTION[,NAME=VALUE...]]", app,
          [options](const Invocation& invocation) { return checked(*options, invocation); },
          [] { return std::string(explanation_of_check); }};
}

}  // namespace truestep
