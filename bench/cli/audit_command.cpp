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
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <sstream>
#include <vector>

#include "commands.hpp"
#include "drift/audit.hpp"
#include "drift/budget.hpp"
#include "drift/picture.hpp"
#include "drift/report.hpp"
#include "output.hpp"
#include "runs/typed.hpp"
#include "source.hpp"
#include "subject.hpp"
#include "terminal.hpp"

namespace truestep {
namespace {

/// A part of a set-up that has a format of its own.
struct Role {
  const char* option;
  drift::Format drift::Setup::*format;
  const char* what;
};

constexpr Role roles[] = {
    {"--parameter-format", &drift::Setup::parameters, "the parameters"},
    {"--state-format", &drift::Setup::states, "the states"},
    {"--gradient-format", &drift::Setup::gradients, "the gradients, when they are read"},
    {"--coefficient-format", &drift::Setup::coefficients, "the coefficients"},
    {"--counter-format", &drift::Setup::counter, "the step counter"},
    {"--arithmetic-format", &drift::Setup::arithmetic, "the result of each operation"}};

struct AuditOptions {
  Subject subject;
  Source source;
  Output output;
  bool closed_loop = false, details = false;
  std::string html_path, budget_path;

  std::vector<drift::Format> formats;
  std::vector<std::pair<drift::Format drift::Setup::*, drift::Format>> of_roles;
  std::optional<drift::Format> master_weights;
  bool kahan = false, saturate = false;
  drift::Rounding rounding = drift::Rounding::nearest_even;
  std::uint64_t seed = 0;

  /// One for each --format, with what the other options change in it; float's where they alone say
  /// that there is a set-up.
  std::vector<drift::Setup> setups() const {
    auto bases = formats;
    const bool changed = !of_roles.empty() || master_weights || kahan || saturate ||
                         rounding != drift::Rounding::nearest_even;
    if (bases.empty() && changed) bases.push_back(drift::named_format("format", "float"));
    std::vector<drift::Setup> all;
    for (const auto& base : bases) {
      auto setup = drift::Setup::all_in(base);
      for (const auto& [role, format] : of_roles) setup.*role = format;
      setup.master_weights = master_weights;
      for (const Role& role : roles) (setup.*role.format).saturates = saturate;
      if (setup.master_weights) setup.master_weights->saturates = saturate;
      setup.kahan = kahan;
      setup.rounding = rounding;
      setup.seed = seed;
      all.push_back(setup);
    }
    return all;
  }
};

const std::vector<std::string> rounding_names(drift::rounding_names.begin(),
                                              drift::rounding_names.end());

/// Rewrites one line of a terminal, once a second has passed; silent elsewhere.
class ProgressBar {
 public:
  explicit ProgressBar(std::uint64_t total) : total_(total) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }

  void show(const std::string& what, std::uint64_t done) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began_;
    if (!terminal_ || spent.count() < 1) return;
    const double part = static_cast<double>(done) / static_cast<double>(total_);
    const auto full = static_cast<std::size_t>(30 * part);
    std::fputs(
        fmt::format("\r\033[K[{}{}] {:3.0f} %, {:.0f} s left: {}", std::string(full, '#'),
                    std::string(30 - full, '.'), 100 * part, spent.count() * (1 / part - 1), what)
            .c_str(),
        stderr);
    shown_ = true;
  }
  void clear() {
    if (shown_) std::fputs("\r\033[K", stderr);
    shown_ = false;
  }

 private:
  std::uint64_t total_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  bool terminal_ = isatty(STDERR_FILENO) != 0, shown_ = false;
};

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
                       .closed_loop = options.closed_loop,
                       .setups = options.setups(),
                       .convention = convention,
                       .given = given,
                       .gradients = options.source.gradients,
                       .parameters = options.source.parameters});
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

std::string details(std::span<const drift::Run> runs) {
  std::string text;
  for (const auto& run : runs) text += drift::table(run);
  text += "\n";
  drift::for_each_rule(runs, [&](auto of_rule) { text += drift::findings(of_rule); });
  text += fmt::format("\n{:.3g} element-steps per second\n", drift::element_steps_per_second(runs));
  return terminal::fitted(text, terminal::widest);
}

std::string text(const AuditOptions& options, std::span<const drift::Run> runs,
                 const std::vector<std::string>& excess, const std::string& rerun) {
  const auto width = terminal::width();
  std::string all = terminal::bold(terminal::wrapped(drift::answer(runs), width)) + "\n";
  if (!excess.empty())
    all += terminal::bold(fmt::format("Over budget: {} of the figures.", excess.size())) + "\n";
  if (!options.subject.note.empty()) all += terminal::wrapped(options.subject.note, width) + "\n";
  all += "\n" + drift::conclusion(runs);
  if (options.details) all += details(runs);
  all += "\nRerun: " + rerun + "\n";
  if (!options.details)
    all += terminal::wrapped("--details prints every table, --explain says what the columns mean.",
                             width) +
           "\n";
  return all;
}

/// Files that are opened before hours are spent on what shall be written to them.
struct Opened {
  std::optional<drift::Budget> budget;
  std::optional<OutputFile> html;

  explicit Opened(AuditOptions& options) {
    if (!options.budget_path.empty()) budget.emplace(options.budget_path);
    options.output.open();
    if (options.html_path.empty()) return;
    drift::require_gnuplot();
    html.emplace("html", options.html_path);
  }
};

ExitStatus status(std::span<const drift::Run> runs, bool over_budget) {
  const bool passed = std::all_of(runs.begin(), runs.end(),
                                  [](const drift::Run& run) { return run.checks().passed(); });
  if (!passed) return no;
  if (over_budget) return undetermined;
  return asked_to_stop ? interrupted : yes;
}

ExitStatus audit(AuditOptions& options, const Invocation& invocation) {
  options.subject.resolve();
  options.source.check();
  const auto to_run = requests(options);
  Opened opened(options);
  const auto rerun = options.source.rerun("audit", invocation);

  stop_on_interrupt();
  const auto runs = run_all(to_run);
  const auto excess = opened.budget ? opened.budget->exceeded(runs) : std::vector<std::string>();
  options.output.write_csv(options.output.csv_path ? drift::csv(runs) : "");
  if (opened.html) opened.html->write(drift::html(runs, rerun));
  if (options.output.json) print(drift::json(runs, rerun, options.subject.note));
  if (options.output.shows_text()) print(text(options, runs, excess, rerun));
  for (const auto& line : excess) std::fputs(("audit: " + line + "\n").c_str(), stderr);
  return status(runs, !excess.empty());
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

void add_setup(CLI::App& command, AuditOptions& options) {
  add_formats(command, options);
  for (const Role& role : roles)
    add(command, role.option, "NAME", fmt::format("The format of {} instead", role.what),
        [&options, role](const std::string& name) {
          options.of_roles.emplace_back(role.format, drift::named_format(role.option + 2, name));
        })
        ->group("Set-up");
  add(command, "--master-weights", "NAME",
      "Keep parameters in this format; the parameters' own is that of the copy the model reads",
      [&options](const std::string& name) {
        options.master_weights = drift::named_format("master-weights", name);
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
  command
      .add_option("--html", options.html_path,
                  "Write one self-contained page there; its pictures need gnuplot")
      ->type_name("FILE")
      ->group("Output");
  command
      .add_option("--budget", options.budget_path,
                  "Exit with 3 where the drift exceeds a limit in this file; --explain has an "
                  "example")
      ->type_name("FILE")
      ->group("Output");
}

std::string budget_example() {
  constexpr const char* line = "{:7} {:9} {:9} {:17} {}\n";
  return fmt::format(line, "# rule", "set-up", "quantity", "figure", "at most") +
         fmt::format(line, settings::rule_names().back(), "float", "theta", "median_ulp", 10) +
         fmt::format(line, "*", "bfloat16", "theta", "largest_relative", 0.05);
}

std::string explanation() {
  return fmt::format(
      "{}\nA budget (figures are the columns of --csv; * stands for all):\n{}\n"
      "The object of --json:\n{}\n",
      drift::legend(), budget_example(), drift::json_schema);
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
  add_setup(*app, *options);
  add_outcome(*app, *options);
  return {"audit", "[RULE [CONVENTION[,NAME=VALUE...]]]", app,
          [options](const Invocation& invocation) { return audit(*options, invocation); },
          explanation};
}

}  // namespace truestep
