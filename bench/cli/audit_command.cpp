// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "audit_by_ranks.hpp"
#include "audit_options.hpp"
#include "audit_text.hpp"
#include "commands.hpp"
#include "drift/audit.hpp"
#include "drift/budget.hpp"
#include "drift/report.hpp"
#include "drift/tally.hpp"
#include "progress_bar.hpp"
#include "provenance.hpp"
#include "ranks.hpp"
#include "runs/arrays.hpp"
#include "runs/typed.hpp"

namespace truestep {
namespace {

/// Set by the first Ctrl-C, which asks for a partial report; the second ends the program.
volatile std::sig_atomic_t asked_to_stop = 0;

void stop_on_interrupt() {
  std::signal(SIGINT, [](int) {
    asked_to_stop = 1;
    std::signal(SIGINT, SIG_DFL);
  });
}

/// The rules that are asked for, each with what runs, complained of before anything does.
std::vector<drift::Request> requests(const AuditOptions& options) {
  const auto& subject = options.subject;
  const auto rules =
      subject.rule.empty() ? settings::rule_names() : std::vector<std::string>{subject.rule};
  std::vector<drift::Request> all;
  for (const auto& rule : rules)
    settings::with_rule(rule, [&]<class Rule>(Rule) {
      auto typed = subject.only_convention();
      if (typed.empty())
        typed = settings::convention_names<typename Rule::Hyperparameters>().front();
      auto [convention, given] = settings::chosen<Rule>(typed);
      settings::add(given, subject.given);
      settings::described<Rule>({convention, given});
      for (const auto& workload : options.source.workloads)
        all.push_back({.rule = rule,
                       .workload = workload,
                       .steps = options.source.steps,
                       .first_step = options.first_step,
                       .closed_loop = options.closed_loop,
                       .setups = options.setups(),
                       .convention = convention,
                       .given = given,
                       .gradients = options.source.gradients,
                       .parameters = options.source.parameters,
                       .record = options.source.record,
                       .states = options.states_path,
                       .first_look = options.first_look,
                       .in_digits = options.in_digits,
                       .columns = options.columns});
    });
  return all;
}

std::vector<drift::Run> run_all(const std::vector<drift::Request>& requests) {
  std::vector<drift::Run> runs;
  const auto steps = requests.front().steps;
  ProgressBar bar(requests.size() * steps);
  for (const auto& request : requests) {
    if (asked_to_stop) break;
    const auto progress = [&](std::uint64_t done) {
      bar.show(fmt::format("{} on {}", request.rule,
                           request.gradients.empty() ? request.workload : request.gradients),
               runs.size() * steps + done);
      return asked_to_stop == 0;
    };
    runs.push_back(drift::audit(request, progress));
  }
  return runs;
}

/// What of the input was not taken as it is, each sentence once.
std::vector<std::string> notes(const AuditOptions& options, std::span<const drift::Run> runs) {
  std::vector<std::string> all;
  if (!options.subject.note.empty()) all.push_back(options.subject.note);
  if (!options.source.note.empty()) all.push_back(options.source.note);
  for (const auto& run : runs)
    for (const auto& note : run.notes)
      if (std::find(all.begin(), all.end(), note) == all.end()) all.push_back(note);
  return all;
}

/// Parts are those of one rule on recorded gradients.
void add_parts(const AuditOptions& options, std::vector<drift::Request>& requests) {
  const bool takes_part = options.columns || !options.part_path.empty() || !options.merged.empty();
  if (takes_part && (options.source.gradients.empty() || requests.size() != 1))
    throw std::invalid_argument("--columns, --part and --merge require one rule, and --grads");
  if (!options.merged.empty() && (options.columns || !options.part_path.empty()))
    throw std::invalid_argument("--merge excludes --columns and --part");
  for (const auto& file : options.merged) try {
      requests.front().parts.push_back(
          std::make_shared<const drift::Part>(drift::read_part(identify::mapped(file).bytes)));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(fmt::format("merge = {} {}", file, error.what()));
    }
}

/// What an audit reads and writes besides its CSV.
std::vector<NamedFile> files(const AuditOptions& options) {
  auto all = options.source.files();
  for (const auto& part : options.merged) all.push_back({"merge", part, false});
  all.push_back({"budget", options.budget_path, false});
  all.push_back({"html", options.html_path, true});
  all.push_back({"junit", options.junit_path, true});
  all.push_back({"part", options.part_path, true});
  return all;
}

/// Files that are opened before hours are spent on what shall be written to them.
struct Opened {
  std::optional<drift::Budget> budget;
  std::optional<OutputFile> html, junit, part;
  drift::Provenance provenance;  ///< of the page

  explicit Opened(AuditOptions& options) {
    if (!options.budget_path.empty()) budget.emplace(options.budget_path);
    options.output.open(files(options));
    if (!options.junit_path.empty()) junit.emplace("junit", options.junit_path);
    if (!options.part_path.empty()) part.emplace("part", options.part_path);
    if (options.html_path.empty()) return;
    provenance = truestep::provenance();
    html.emplace("html", options.html_path);
  }
};

ExitStatus status(const AuditOptions& options, std::span<const drift::Run> runs,
                  const drift::Judgements& judgements, bool over_budget) {
  const bool passed = std::all_of(runs.begin(), runs.end(),
                                  [](const drift::Run& run) { return run.checks().passed(); });
  const bool failed = options.fails_on && judgements.worst() >= *options.fails_on;
  if (!passed || failed) return no;
  if (over_budget) return undetermined;
  return asked_to_stop ? interrupted : yes;
}

/// The page, which may be shown elsewhere: no path on it tells where on this machine its files lie.
std::string page(const AuditOptions& options, std::span<const drift::Run> runs,
                 const std::string& program, drift::Provenance provenance) {
  auto named = files(options);
  named.push_back({"", program, false});
  named.push_back({"", options.source.gradients, false});
  named.push_back({"", options.source.parameters, false});
  named.push_back({"", options.output.csv_path.value_or(""), true});
  const RelativePaths paths(named);
  std::vector<drift::Run> shown(runs.begin(), runs.end());
  for (auto& run : shown) {
    run.workload = paths.in(run.workload);
    for (auto& note : run.notes) note = paths.in(note);
  }
  provenance.rerun = paths.in(provenance.rerun);
  return drift::html(shown, drift::judged(shown, options.criteria), provenance);
}

/// Runs them, and says what came of it.
ExitStatus concluded(AuditOptions& options, const std::vector<drift::Request>& to_run,
                     const Opened& opened, const Invocation& invocation) {
  const auto rerun = options.source.rerun("audit", invocation);
  const auto runs = run_all(to_run);
  const auto judgements = drift::judged(runs, options.criteria);
  const auto excess = opened.budget ? opened.budget->exceeded(runs) : std::vector<std::string>();
  options.output.write_csv(options.output.csv_path ? drift::csv(runs) : "");
  const auto noted = notes(options, runs);
  if (opened.part && runs.front().part) opened.part->write(drift::written(*runs.front().part));
  if (opened.html) {
    auto provenance = opened.provenance;
    provenance.rerun = rerun;
    opened.html->write(page(options, runs, invocation.program, provenance));
  }
  if (opened.junit)
    opened.junit->write(drift::junit(runs, options.criteria, options.fails_on, excess));
  if (options.output.json)
    print(drift::json(runs, judgements, rerun, options.subject.note));
  else if (options.markdown)
    print(drift::markdown(runs, judgements, noted, rerun));
  else if (options.output.shows_text())
    print(audit_text(runs, judgements, noted, excess.size(), rerun, options.details));
  for (const auto& line : excess) std::fputs(("audit: " + line + "\n").c_str(), stderr);
  return status(options, runs, judgements, !excess.empty());
}

ExitStatus audit(AuditOptions& options, const Invocation& invocation) {
  const Ranks ranks;
  std::vector<drift::Request> to_run;
  std::optional<Opened> opened;
  const auto prepare = [&] {
    options.subject.resolve();
    if (ranks.is_alone())
      options.source.check();
    else
      options.source.check(ranks.rank(), ranks.size(), columns_together(options.setups()));
    to_run = requests(options);
    add_parts(options, to_run);
    if (ranks.is_first()) opened.emplace(options);
  };
  if (ranks.is_alone()) {
    prepare();
  } else if (!audit_by_ranks(ranks, prepare, options.source.record, to_run)) {
    return yes;
  }
  stop_on_interrupt();
  return concluded(options, to_run, *opened, invocation);
}

}  // namespace

Command audit_command() {
  const auto options = std::make_shared<AuditOptions>();
  const auto app = std::make_shared<CLI::App>(
      "Measures how far formats drift from the exact run of a rule, and why.\n"
      "The rule trains in float, in double and in other set-ups, beside a rigorous bound; which "
      "rounding the drift comes from is said.",
      "audit");
  options->add_to(*app);
  return {"audit", "[RULE [CONVENTION[,NAME=VALUE...]]]", app,
          [options](const Invocation& invocation) { return audit(*options, invocation); },
          audit_explanation};
}

}  // namespace truestep
