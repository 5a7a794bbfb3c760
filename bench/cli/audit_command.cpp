// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <sstream>
#include <vector>

#include "audit_text.hpp"
#include "commands.hpp"
#include "drift/audit.hpp"
#include "drift/budget.hpp"
#include "drift/report.hpp"
#include "drift/setups.hpp"
#include "drift/tally.hpp"
#include "drift/verdict.hpp"
#include "output.hpp"
#include "progress_bar.hpp"
#include "runs/arrays.hpp"
#include "runs/typed.hpp"
#include "source.hpp"
#include "subject.hpp"

namespace truestep {
namespace {

struct AuditOptions {
  Subject subject;
  Source source;
  Output output;
  bool closed_loop = false, details = false, markdown = false;
  bool first_look = false, in_digits = false;
  std::optional<std::pair<std::size_t, std::size_t>> columns;
  std::string part_path;
  std::vector<std::string> merged;
  std::string html_path, junit_path, budget_path;
  std::uint64_t first_step = 1;
  drift::Criteria criteria;
  /// The least bad verdict that ends with 1; none where nothing does.
  std::optional<drift::Verdict> fails_on = drift::Verdict::breaks;

  std::vector<drift::Setup> typed;
  std::vector<drift::Format> formats;
  drift::Changes changes;
  bool kahan = false, saturate = false;
  drift::Rounding rounding = drift::Rounding::nearest_even;
  std::uint64_t seed = 0;

  /// One for each --setup, then one for each --format, with what the other options change in it;
  /// float's where they alone say that there is a set-up.
  std::vector<drift::Setup> setups() const {
    auto all = typed;
    auto bases = formats;
    const bool changed =
        changes.any() || kahan || saturate || rounding != drift::Rounding::nearest_even;
    if (bases.empty() && changed) bases.push_back(drift::named_format("format", "float"));
    for (const auto& base : bases) {
      auto setup = changes.any() ? drift::Setup::stored_in(base) : drift::Setup::all_in(base);
      changes.apply_to(setup);
      setup.saturate(saturate);
      setup.kahan = kahan;
      setup.rounding = rounding;
      setup.seed = seed;
      // Formats of which nothing is left are one set-up.
      if (!has(all, setup)) all.push_back(setup);
    }
    return all;
  }

  void add_typed(const drift::Setup& setup) {
    if (has(typed, setup))
      throw std::invalid_argument(fmt::format("setup {} is given twice", setup.name()));
    typed.push_back(setup);
  }

  static bool has(const std::vector<drift::Setup>& all, const drift::Setup& setup) {
    return std::any_of(all.begin(), all.end(),
                       [&](const drift::Setup& other) { return other.name() == setup.name(); });
  }
};

const std::vector<std::string> rounding_names(drift::rounding_names.begin(),
                                              drift::rounding_names.end());

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

  explicit Opened(AuditOptions& options) {
    if (!options.budget_path.empty()) budget.emplace(options.budget_path);
    options.output.open(files(options));
    if (!options.junit_path.empty()) junit.emplace("junit", options.junit_path);
    if (!options.part_path.empty()) part.emplace("part", options.part_path);
    if (options.html_path.empty()) return;
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

ExitStatus audit(AuditOptions& options, const Invocation& invocation) {
  options.subject.resolve();
  options.source.check();
  auto to_run = requests(options);
  add_parts(options, to_run);
  Opened opened(options);
  const auto rerun = options.source.rerun("audit", invocation);

  stop_on_interrupt();
  const auto runs = run_all(to_run);
  const auto judgements = drift::judged(runs, options.criteria);
  const auto excess = opened.budget ? opened.budget->exceeded(runs) : std::vector<std::string>();
  options.output.write_csv(options.output.csv_path ? drift::csv(runs) : "");
  const auto noted = notes(options, runs);
  if (opened.part && runs.front().part) opened.part->write(drift::written(*runs.front().part));
  if (opened.html) opened.html->write(drift::html(runs, judgements, rerun));
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

/// An option whose value a function takes, which throws where it is wrong.
template <class Take>
CLI::Option* add(CLI::App& command, const std::string& name, const std::string& type,
                 const std::string& help, Take take) {
  return command.add_option_function<std::string>(name, take, help)->type_name(type);
}

void add_formats(CLI::App& command, AuditOptions& options) {
  std::vector<std::string> known;
  for (const auto& format : drift::formats) known.push_back(format.name);
  command
      .add_option_function<std::vector<std::string>>(
          "--format",
          [&options](const std::vector<std::string>& names) {
            for (const auto& name : names) {
              const auto format = drift::named_format("format", name);
              if (std::find(options.formats.begin(), options.formats.end(), format) !=
                  options.formats.end())
                throw std::invalid_argument(fmt::format("format {} is given twice", format.name));
              options.formats.push_back(format);
            }
          },
          fmt::format("Run the rule in this format too, one of {}, or BITS:LEAST:GREATEST[:flush], "
                      "as 11:-14:15 for fp16; may be repeated",
                      fmt::join(known, ", ")))
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->group("Set-up");
}

void add_typed_setups(CLI::App& command, AuditOptions& options) {
  std::vector<std::string> known;
  for (const auto& named : drift::named_setups()) known.emplace_back(named.name);
  command
      .add_option_function<std::vector<std::string>>(
          "--setup",
          [&options](const std::vector<std::string>& all) {
            for (const auto& typed : all) {
              const auto setup = drift::typed_setup(typed);
              // Every audit has these.
              if (setup.title != "float" && setup.title != "double") options.add_typed(setup);
            }
          },
          fmt::format("Run the rule in this set-up too, one of {}, or a format, or neither; then "
                      "ROLE=VALUE,... that differ, as bf16_kahan,states=float; may be repeated; "
                      "--explain says what they are",
                      fmt::join(known, ", ")))
      ->type_name("SETUP")
      ->allow_extra_args(false)
      ->group("Set-up");
}

void add_setup(CLI::App& command, AuditOptions& options) {
  add_typed_setups(command, options);
  add_formats(command, options);
  constexpr const char* names[] = {"parameter",   "state",   "gradient",
                                   "coefficient", "counter", "arithmetic"};
  for (std::size_t i = 0; i < std::size(names); ++i)
    add(command, fmt::format("--{}-format", names[i]), "NAME",
        fmt::format("The format of {} instead", drift::roles[i].what),
        [&options, role = drift::roles[i].format,
         name = std::string(names[i])](const std::string& typed) {
          options.changes.formats.emplace_back(role, drift::named_format(name + "-format", typed));
        })
        ->group("Set-up");
  add(command, "--master-weights", "NAME",
      "Keep parameters and states in this format; the parameters' own is that of the copy the "
      "model "
      "reads",
      [&options](const std::string& name) {
        options.changes.master_weights = drift::named_format("master-weights", name);
      })
      ->group("Set-up");
  command
      .add_flag("--kahan", options.kahan,
                "Keep beside each parameter what its rounding lost, and add it to the next update")
      ->group("Set-up");
  add(command, "--rounding", "NAME",
      fmt::format("How the set-ups round, one of {}; nearest (ties to even) unless given",
                  fmt::join(rounding_names, ", ")),
      [&options](const std::string& name) {
        options.rounding =
            static_cast<drift::Rounding>(names::index_among(rounding_names, "rounding", name));
      })
      ->group("Set-up");
  add(command, "--seed", "N", "The seed of stochastic rounding, 0 unless given",
      [&options](const std::string& typed) {
        options.seed = integer("seed", typed, 0, UINT64_MAX);
      })
      ->group("Set-up");
  command
      .add_flag("--saturate", options.saturate,
                "What overflows in a format becomes its largest number")
      ->group("Set-up");
}

void add_outcome(CLI::App& command, AuditOptions& options) {
  command.add_flag("--details", options.details, "Print every table after the conclusion")
      ->group("Output");
  add_output(command, options.output, "reported step and quantity");
  command.add_flag("--markdown", options.markdown, "Print a table for a pull request")
      ->group("Output");
  command
      .add_option("--junit", options.junit_path,
                  "Write a test case for each rule, workload and set-up there, for CI")
      ->type_name("FILE")
      ->group("Output");
  add(command, "--fail-on", "VERDICT",
      fmt::format(
          "End with 1 where a set-up is judged this or worse, one of {}, or never; breaks "
          "unless given",
          fmt::join(std::begin(drift::verdict_names) + 1, std::end(drift::verdict_names), ", ")),
      [&options](const std::string& typed) {
        std::vector<std::string> known(std::begin(drift::verdict_names) + 1,
                                       std::end(drift::verdict_names));
        known.emplace_back("never");
        const auto index = names::index_among(known, "fail-on", typed);
        options.fails_on.reset();
        if (index + 1 < known.size()) options.fails_on = static_cast<drift::Verdict>(index + 1);
      })
      ->group("Output");
  add(command, "--criteria", "NAME=VALUE,...",
      "When a set-up is judged so; --explain says what they are",
      [&options](const std::string& typed) { options.criteria = drift::typed_criteria(typed); })
      ->group("Output");
  command.add_option("--html", options.html_path, "Write one self-contained page there")
      ->type_name("FILE")
      ->group("Output");
  command
      .add_option("--budget", options.budget_path,
                  "Exit with 3 where the drift exceeds a limit in this file; --explain has an "
                  "example")
      ->type_name("FILE")
      ->group("Output");
}

void add_columns(CLI::App& command, AuditOptions& options) {
  add(command, "--columns", "A:B",
      "Take these columns of the recorded gradients alone, from A to before B",
      [&options](const std::string& typed) {
        const auto colon = typed.find(':');
        constexpr std::uint64_t most = std::uint64_t{1} << 53;
        const std::uint64_t begin = integer("columns", typed.substr(0, colon), 0, most);
        const std::string after = colon == typed.npos ? "" : typed.substr(colon + 1);
        options.columns = {begin, integer("columns", after, begin + 1, most)};
      })
      ->group("Parts");
  command
      .add_option("--part", options.part_path,
                  "Write there what was found of these columns, for --merge")
      ->type_name("FILE")
      ->group("Parts");
  command
      .add_option("--merge", options.merged,
                  "Run nothing, but put these parts of the same audit together; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group("Parts");
}

std::string budget_example() {
  constexpr const char* line = "{:7} {:9} {:9} {:17} {}\n";
  return fmt::format(line, "# rule", "set-up", "quantity", "figure", "at most") +
         fmt::format(line, settings::rule_names().back(), "float", "theta", "median_ulp", 10) +
         fmt::format(line, "*", "bfloat16", "theta", "largest_relative", 0.05);
}

std::string explanation() {
  return fmt::format(
      "{}\n{}\n{}\nA budget (figures are the columns of --csv; * stands for all):\n{}\n"
      "The object of --json:\n{}\n",
      drift::legend(), drift::criteria_explained({}), drift::setups_explained(), budget_example(),
      drift::json_schema);
}

}  // namespace

Command audit_command() {
  const auto options = std::make_shared<AuditOptions>();
  const auto app = std::make_shared<CLI::App>(
      "Measures how far formats drift from the exact run of a rule, and why.\n"
      "The rule trains in float, in double and in other set-ups, beside a rigorous bound; which "
      "rounding the drift comes from is said.",
      "audit");
  options->source.workloads = {"softmax", "network"};
  options->subject.add_to(*app);
  options->source.add_to(*app, Source::Workloads::several);
  app->add_flag("--closed-loop", options->closed_loop,
                "Each run takes the gradient at its own parameters")
      ->group("Gradients")
      ->excludes("--grads");
  app->add_flag("--first-look", options->first_look,
                "Take radius, attribution and other conventions of a sample of columns alone")
      ->group("Truth")
      ->excludes("--closed-loop");
  app->add_flag("--fifty-digits", options->in_digits,
                "Take 50 digits for the truth of every column, not only where certified "
                "double-doubles leave a doubt")
      ->group("Truth");
  add_columns(*app, *options);
  add(*app, "--first-step", "N", "What the first step is counted as, 1 unless given",
      [options](const std::string& typed) {
        options->first_step = integer("first-step", typed, 1, std::uint64_t{1} << 53);
      })
      ->group("Gradients");
  add_setup(*app, *options);
  add_outcome(*app, *options);
  return {"audit", "[RULE [CONVENTION[,NAME=VALUE...]]]", app,
          [options](const Invocation& invocation) { return audit(*options, invocation); },
          explanation};
}

}  // namespace truestep
