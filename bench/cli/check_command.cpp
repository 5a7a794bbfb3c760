// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "check/declared.hpp"
#include "check/report_json.hpp"
#include "commands.hpp"
#include "output.hpp"
#include "runs/escaped.hpp"
#include "runs/json_text.hpp"
#include "runs/version.hpp"
#include "source.hpp"
#include "subject.hpp"
#include "terminal.hpp"

namespace truestep {
namespace {

using trial::Finding;
using trial::Report;

struct CheckOptions {
  Subject subject;
  std::string format = "float32", only, junit;
  std::uint64_t seed = 1;
  std::size_t trials = 4;
  double limit = 20;
  bool strict = false, json = false, markdown = false;
};

constexpr auto explanation =
    R"(LIBRARY is a shared library that exports the functions of truestep_kernel.h. It is loaded in a
process of its own for each run, so that a crash is a finding like any other. What the kernel is
said to be, RULE and CONVENTION, is checked and not excused; no convention is lecture_note.

bound       what any sane order of operations makes of a step, from theta before it and the
            gradients so far: two roundings of each result of the formula, before cancellation, and
            one of each coefficient (proofs/numbers/any_order.hpp). There is no other tolerance
map         which convention it is; where it is not the one declared, which it is instead: another
            of the table, the declared one with a choice or a number otherwise, or with two choices
steps       long runs, late t, and steps from any state where the kernel lets its states be set
habits      coefficients made in float, running products, a float power, approximate quotients and
            roots: with what they cost
shape       lengths, tensors, arrays that end at a page; bits that depend on where a coordinate lies
laws        the sign, powers of two, going on from saved states
conduct     crash, hang, writing elsewhere, the processor's control word, NaN, infinity, 0
u           half an ulp of 1, relative to the sizes that are added up

A fault of the map, of a step, of what is written, of the control word, a crash, a hang or a NaN
that spreads makes the exit status 1. Habits, laws, and bits that depend on where a coordinate lies
are noted, and make it 1 with --strict. Numbers that are given are told to the kernel in every run;
the others are the convention's own, then such as tell conventions apart, then drawn.

The object of --json:
{"version", "kernel", "rule", "map", "format", "seed",
 "status": "right" | "wrong" | "not determined", "conclusion": TEXT, "runs", "steps", "teeth",
 "largest_share", "farthest": {"u", "input": [TEXT], "rerun": COMMAND},
 "sections": [{"name", "said"}], "special": [{"input", "outcome"}],
 "findings": [{"section", "kind", "wrong", "text", "input": [TEXT], "rerun": COMMAND}],
 "rerun": COMMAND, "note": TEXT where the rule's name is an alias}
)";

std::string taken_library(Subject& subject) {
  if (subject.operands.empty())
    throw std::invalid_argument("a library is missing: check LIBRARY RULE [CONVENTION]");
  const auto library = subject.operands.front();
  subject.operands.erase(subject.operands.begin());
  return library;
}

/// Prints and writes a report.
class Shown {
 public:
  Shown(const Report& report, const CheckOptions& options, const Invocation& invocation)
      : report_(report), options_(options), invocation_(invocation) {}

  std::string json() const {
    auto all = nlohmann::ordered_json{{"version", version()}};
    all.update(trial::as_json(report_, options_.strict,
                              [this](const std::string& only) { return rerun(only); }));
    if (!options_.subject.note.empty()) all["note"] = options_.subject.note;
    return json_text(all);
  }

  std::string text() const {
    const auto width = terminal::width();
    std::string all = terminal::bold(terminal::wrapped(report_.conclusion(), width)) + "\n";
    if (!options_.subject.note.empty())
      all += terminal::wrapped(options_.subject.note, width) + "\n";
    all += "\n";
    for (const auto& [name, said] : report_.sections)
      all += fmt::format("{:<9} {:<6} {}\n", name, verdict_of(name),
                         terminal::wrapped(said, width, indent, indent));
    for (const auto& [input, outcome] : report_.special)
      all +=
          fmt::format("  {}: {}\n", input, terminal::wrapped(outcome, width, 4, input.size() + 4));
    for (const auto& each : report_.findings) all += text_of(each, width);
    return all + fmt::format("\nRerun: {}\n", rerun(""));
  }

  std::string markdown() const {
    std::string all = fmt::format("## {}\n\n{}\n\n| section | | |\n|---|---|---|\n", report_.kernel,
                                  in_cell(report_.conclusion()));
    for (const auto& [name, said] : report_.sections)
      all += fmt::format("| {} | {} | {} |\n", name, verdict_of(name), in_cell(said));
    for (const auto& [input, outcome] : report_.special)
      all += fmt::format("| {} | | {} |\n", input, in_cell(outcome));
    for (const auto& each : report_.findings) {
      all += fmt::format("\n{}: {}\n\n```text\n", each.wrong ? "**Fault**" : "Noted",
                         in_cell(each.text));
      for (const auto& line : each.input) all += line + "\n";
      all += fmt::format("rerun: {}\n```\n", rerun(each.only));
    }
    return all;
  }

  std::string junit() const {
    const auto failures = std::count_if(report_.findings.begin(), report_.findings.end(),
                                        [&](const auto& each) { return fails(each); });
    std::string all = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{}\" "
        "failures=\"{}\">\n",
        escaped(report_.kernel), report_.sections.size() + report_.findings.size(), failures);
    const auto begin = [&](const std::string& section, const std::string& name) {
      all += fmt::format("  <testcase classname=\"{}.{}\" name=\"{}\">\n", escaped(report_.kernel),
                         escaped(section), escaped(name));
    };
    for (const auto& [name, said] : report_.sections) {
      begin(name, name);
      all += fmt::format("    <system-out>{}</system-out>\n  </testcase>\n", escaped(said));
    }
    for (const auto& each : report_.findings) {
      begin(each.section, each.kind);
      std::string more;
      for (const auto& line : each.input) more += line + "\n";
      more += "rerun: " + rerun(each.only) + "\n";
      all += fails(each) ? fmt::format("    <failure message=\"{}\">{}</failure>\n",
                                       escaped(each.text), escaped(more))
                         : fmt::format("    <system-out>{}\n{}</system-out>\n", escaped(each.text),
                                       escaped(more));
      all += "  </testcase>\n";
    }
    return all + "</testsuite>\n";
  }

  ExitStatus status() const {
    switch (report_.verdict(options_.strict)) {
      case Report::Verdict::right:
        return yes;
      case Report::Verdict::wrong:
        return no;
      case Report::Verdict::undetermined:
        break;
    }
    return undetermined;
  }

 private:
  static constexpr std::size_t indent = 17;

  bool fails(const Finding& each) const { return each.wrong || options_.strict; }

  std::string verdict_of(const std::string& section) const {
    std::string word = "good";
    for (const auto& each : report_.findings) {
      if (each.section != section) continue;
      if (each.wrong) return "FAULT";
      word = "noted";
    }
    return word;
  }

  std::string rerun(const std::string& only) const {
    return rerun_of("check", invocation_,
                    only.empty() || !options_.only.empty() ? "" : "--only " + only);
  }

  std::string text_of(const Finding& each, std::size_t width) const {
    const std::string lead = each.wrong ? "Fault" : "Noted";
    std::string all =
        "\n" + terminal::wrapped(fmt::format("{} ({}): {}", lead, each.kind, each.text), width, 2) +
        "\n";
    for (const auto& line : each.input) all += "  " + terminal::wrapped(line, width, 19, 2) + "\n";
    return all + "  " + terminal::wrapped("rerun: " + rerun(each.only), width, 4, 2) + "\n";
  }

  const Report& report_;
  const CheckOptions& options_;
  const Invocation& invocation_;
};

ExitStatus checked(CheckOptions& options, const Invocation& invocation) {
  const auto library = taken_library(options.subject);
  options.subject.resolve();
  options.subject.require_rule();
  if (!(options.limit >= 0.001 && options.limit <= 86400))
    throw std::invalid_argument(fmt::format("limit = {} is outside [0.001, 86400]", options.limit));
  if (options.trials == 0)
    throw std::invalid_argument("trials = 0 is not an integer in [1, infinity)");
  auto request = trial::declared(options.subject.rule, options.subject.only_convention(),
                                 options.subject.given);
  request.format = trial::format_named(options.format);
  request.seed = options.seed;
  request.trials = options.trials;
  request.limit = std::chrono::milliseconds(static_cast<std::int64_t>(options.limit * 1000));
  request.only = options.only;
  require_distinct({{"junit", options.junit, true}, {"LIBRARY", library, false}});
  std::optional<OutputFile> junit;
  if (!options.junit.empty()) junit.emplace("junit", options.junit);
  const auto kernel = trial::shared_library(library);
  const auto report = trial::examine(*kernel, request);
  const Shown shown(report, options, invocation);
  if (junit) junit->write(shown.junit());
  print(options.json ? shown.json() : options.markdown ? shown.markdown() : shown.text());
  return shown.status();
}

}  // namespace

Command check_command() {
  const auto options = std::make_shared<CheckOptions>();
  const auto app = std::make_shared<CLI::App>(
      "Says whether a kernel in a shared library is what it is said to be.", "check");
  app->add_option("--format", options->format, "Of theta and gradients: float32, float64")
      ->type_name("WORD")
      ->group("The runs");
  app->add_option("--seed", options->seed, "What the inputs are made from")
      ->type_name("N")
      ->group("The runs");
  app->add_option("--trials", options->trials, "How many runs of each kind are drawn")
      ->type_name("N")
      ->group("The runs");
  app->add_option("--limit", options->limit, "Seconds after which a run hangs")
      ->type_name("SECONDS")
      ->group("The runs");
  app->add_option("--only", options->only,
                  "A section, a run, or a coordinate of a run, such as telling/17")
      ->type_name("WORD")
      ->group("The runs");
  app->add_flag("--strict", options->strict, "What is noted counts as a fault")->group("Output");
  auto* const json =
      app->add_flag("--json", options->json, "Print one JSON object and nothing else");
  json->group("Output");
  app->add_flag("--markdown", options->markdown, "Print the report for a page")
      ->excludes(json)
      ->group("Output");
  app->add_option("--junit", options->junit, "Write the report for a build server to FILE")
      ->type_name("FILE")
      ->group("Output");
  options->subject.add_to(*app);
  return {"check", "LIBRARY RULE [CONVENTION[,NAME=VALUE...]]", app,
          [options](const Invocation& invocation) { return checked(*options, invocation); },
          [] { return std::string(explanation); }};
}

}  // namespace truestep
