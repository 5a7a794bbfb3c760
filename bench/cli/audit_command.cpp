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
#include <vector>

#include "commands.hpp"
#include "drift/audit.hpp"
#include "drift/budget.hpp"
#include "drift/picture.hpp"
#include "runs/recorded.hpp"
#include "drift/report.hpp"
#include "runs/settings.hpp"

namespace truestep {
namespace {

constexpr std::uint64_t most_steps = 10'000'000;

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
  std::vector<std::string> rules = drift::rule_names();
  std::vector<std::string> workloads{"softmax", "network"};
  std::string gradients, parameters, convention = "seed", settings;
  std::uint64_t steps = 1000;
  bool closed_loop = false, json = false;
  std::string csv_path, html_path, budget_path;

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

/// Where `value` is among the values that `option` can have.
std::size_t index_among(const std::vector<std::string>& known, const std::string& option,
                        const std::string& value) {
  const auto at = std::find(known.begin(), known.end(), value);
  if (at == known.end())
    throw std::invalid_argument(
        fmt::format("{} = {} is not one of {{{}}}", option, value, fmt::join(known, ", ")));
  return static_cast<std::size_t>(at - known.begin());
}

std::uint64_t integer(const std::string& option, const std::string& text, std::uint64_t least,
                      std::uint64_t most) {
  std::uint64_t n = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, n);
  if (error != std::errc() || rest != end || n < least || n > most)
    throw std::invalid_argument(
        fmt::format("{} = {} is not an integer in [{}, {}]", option, text, least, most));
  return n;
}

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
    fmt::print(stderr, "\r\033[K[{}{}] {:3.0f} %, {:.0f} s left: {}", std::string(full, '#'),
               std::string(30 - full, '.'), 100 * part, spent.count() * (1 / part - 1), what);
    shown_ = true;
  }
  void clear() {
    if (shown_) fmt::print(stderr, "\r\033[K");
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

/// Complains of what cannot be audited before anything is.
void check(AuditOptions& options) {
  for (const auto& rule : options.rules)
    settings::with_rule(rule, [&]<class Rule>(Rule) {
      settings::described<Rule>(options.convention, options.settings);
    });
  if (options.gradients.empty()) return;
  options.workloads = {options.gradients};
  const auto recorded = drift::Recorded(options.gradients, options.parameters).steps();
  options.steps = std::min(options.steps, recorded);
}

/// The command that was given, with the steps even where they were not.
std::string command_line(const CLI::App& command, const AuditOptions& options,
                         const std::string& program) {
  std::string line = fmt::format("{} audit --steps {}", program, options.steps);
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0 || option->get_name() == "--steps") continue;
    if (option->get_expected_max() == 0)
      line += " " + option->get_name();
    else
      for (const auto& value : option->results())
        line += fmt::format(" {} {}", option->get_name(), value);
  }
  return line;
}

/// What is opened before hours are spent on what shall be written to it.
std::ofstream opened(const std::string& option, const std::string& path) {
  std::ofstream file(path);
  if (!file) throw std::runtime_error(fmt::format("{} = {} cannot be written", option, path));
  return file;
}

std::vector<drift::Run> run_all(const AuditOptions& options) {
  std::vector<drift::Run> runs;
  const std::size_t count = options.rules.size() * options.workloads.size();
  ProgressBar bar(count * options.steps);
  for (const auto& rule : options.rules)
    for (const auto& workload : options.workloads) {
      if (asked_to_stop) return runs;
      const auto progress = [&](std::uint64_t done) {
        bar.show(fmt::format("{} on {}", rule, workload), runs.size() * options.steps + done);
        return asked_to_stop == 0;
      };
      runs.push_back(drift::audit(
          {rule, workload, options.steps, options.closed_loop, options.setups(), options.convention,
           options.settings, options.gradients, options.parameters},
          progress));
      bar.clear();
      if (!options.json) fmt::print("{}", drift::table(runs.back()));
    }
  return runs;
}

void print_findings(std::span<const drift::Run> runs) {
  fmt::print("\n");
  for (auto from = runs.begin(); from != runs.end();) {
    const auto to = std::find_if(from, runs.end(),
                                 [&](const drift::Run& run) { return run.rule != from->rule; });
    fmt::print("{}", drift::findings({from, to}));
    from = to;
  }
}

int audit(const AuditOptions& options, const std::string& rerun) {
  std::optional<drift::Budget> budget;
  if (!options.budget_path.empty()) budget.emplace(options.budget_path);
  std::ofstream csv_file;
  if (!options.csv_path.empty()) csv_file = opened("csv", options.csv_path);
  std::ofstream html_file;
  if (!options.html_path.empty()) {
    drift::require_gnuplot();
    html_file = opened("html", options.html_path);
  }

  stop_on_interrupt();
  if (!options.json) fmt::print("{}", drift::legend());
  const auto runs = run_all(options);
  if (csv_file.is_open() && !(csv_file << drift::csv(runs) << std::flush))
    throw std::runtime_error(fmt::format("csv = {} cannot be written", options.csv_path));
  if (html_file.is_open() && !(html_file << drift::html(runs, rerun) << std::flush))
    throw std::runtime_error(fmt::format("html = {} cannot be written", options.html_path));
  if (options.json) {
    fmt::print("{}", drift::json(runs, rerun));
  } else {
    print_findings(runs);
    fmt::print("\n{:.3g} element-steps per second\nRerun: {}\n",
               drift::element_steps_per_second(runs), rerun);
  }

  const auto excess = budget ? budget->exceeded(runs) : std::vector<std::string>();
  for (const auto& line : excess) fmt::print(stderr, "audit: {}\n", line);
  const bool passed = std::all_of(runs.begin(), runs.end(),
                                  [](const drift::Run& run) { return run.checks().passed(); });
  if (!passed) return bound_exceeded;
  if (!excess.empty()) return over_budget;
  return asked_to_stop ? interrupted : within_bounds;
}

/// An option whose value a function takes, which throws where it is wrong.
template <class Take>
void add(CLI::App& command, const std::string& name, const std::string& type,
         const std::string& help, Take take) {
  command.add_option_function<std::string>(name, take, help)->type_name(type);
}

/// An option that may be given several times.
template <class Take>
void add_repeatable(CLI::App& command, const std::string& name, const std::string& type,
                    const std::string& help, Take take) {
  command
      .add_option_function<std::vector<std::string>>(
          name,
          [=](const std::vector<std::string>& values) {
            for (const auto& value : values) take(value);
          },
          help + "; may be repeated")
      ->type_name(type)
      ->allow_extra_args(false);
}

void add_what_runs(CLI::App& command, const std::shared_ptr<AuditOptions>& options) {
  add(command, "--rule", "RULE",
      fmt::format("One of {}; all unless given", fmt::join(drift::rule_names(), ", ")),
      [=](const std::string& name) {
        index_among(drift::rule_names(), "rule", name);
        options->rules = {name};
      });
  const std::vector<std::string> known(drift::workload_names().begin(),
                                       drift::workload_names().end());
  const auto given = std::make_shared<bool>(false);
  add_repeatable(command, "--workload", "NAME",
                 fmt::format("Where gradients come from, one of {}; the first two unless given",
                             fmt::join(known, ", ")),
                 [=](const std::string& name) {
                   index_among(known, "workload", name);
                   if (!std::exchange(*given, true)) options->workloads.clear();
                   options->workloads.push_back(name);
                 });
  add(command, "--steps", "N",
      "Training steps, 1000 unless given; the drift after 1, 2, 5, 10, ... and the last is "
      "recorded, that after powers of ten is in the table",
      [=](const std::string& text) { options->steps = integer("steps", text, 1, most_steps); });
  command.add_flag("--closed-loop", options->closed_loop,
                   "Each run takes the gradient at its own parameters, the exact one in high "
                   "precision; no radius then");
}

void add_recorded(CLI::App& command, const std::shared_ptr<AuditOptions>& options) {
  auto* const gradients =
      command
          .add_option(
              "--grads", options->gradients,
              "Recorded gradients instead of a workload, a row of a .npy file for each step")
          ->type_name("FILE")
          ->excludes("--workload")
          ->excludes("--closed-loop");
  command
      .add_option("--params", options->parameters,
                  "A .npy file whose first row is where the recorded run starts; 0 unless given")
      ->type_name("FILE")
      ->needs(gradients);
}

/// The numbers of each rule's description, with the rules that have them.
std::map<std::string, std::vector<std::string>> hyperparameters() {
  std::map<std::string, std::vector<std::string>> rules_with;
  for (const auto& name : drift::rule_names())
    settings::with_rule(name, [&]<class Rule>(Rule) {
      using H = typename Rule::Hyperparameters;
      settings::for_each_member<H>([&]<class Value>(rules::Named<H, Value> named) {
        if constexpr (std::is_same_v<Value, double>) rules_with[named.name].push_back(name);
      });
    });
  return rules_with;
}

void add_hyperparameters(CLI::App& command, const std::shared_ptr<AuditOptions>& options) {
  command
      .add_option("--convention", options->convention,
                  "The rule as this system ships it, with its numbers; seed unless given, "
                  "`truestep rules RULE` has the names")
      ->type_name("NAME");
  for (const auto& [name, rules] : hyperparameters()) {
    std::string option = "--" + name;
    std::replace(option.begin(), option.end(), '_', '-');
    add(command, option, "NUMBER", fmt::format("Of {}", fmt::join(rules, ", ")),
        [options, key = name](const std::string& value) {
          settings::value<double>(key, value);
          if (!options->settings.empty()) options->settings += ",";
          options->settings += key + "=" + value;
        });
  }
}

void add_setup(CLI::App& command, const std::shared_ptr<AuditOptions>& options) {
  std::vector<std::string> names;
  for (const auto& format : drift::formats) names.push_back(format.name);
  add_repeatable(command, "--format", "NAME",
                 fmt::format("Run the rule in this format too, one of {}, or "
                             "BITS:LEAST:GREATEST[:flush], as 11:-14:15 for fp16",
                             fmt::join(names, ", ")),
                 [=](const std::string& name) {
                   options->formats.push_back(drift::named_format("format", name));
                 });
  for (const Role& role : roles)
    add(command, role.option, "NAME", fmt::format("The format of {} instead", role.what),
        [=](const std::string& name) {
          options->of_roles.emplace_back(role.format, drift::named_format(role.option + 2, name));
        });
  add(command, "--master-weights", "NAME",
      "Keep parameters in this format; the parameters' own is that of the copy the model reads",
      [=](const std::string& name) {
        options->master_weights = drift::named_format("master-weights", name);
      });
  command.add_flag(
      "--kahan", options->kahan,
      "Keep beside each parameter what its rounding lost, and add it to the next update");
  add(command, "--rounding", "NAME",
      fmt::format("How the set-ups round, one of {}; nearest (ties to even) unless given",
                  fmt::join(rounding_names, ", ")),
      [=](const std::string& name) {
        options->rounding =
            static_cast<drift::Rounding>(index_among(rounding_names, "rounding", name));
      });
  add(command, "--seed", "N", "Of stochastic rounding, 0 unless given",
      [=](const std::string& text) { options->seed = integer("seed", text, 0, UINT64_MAX); });
  command.add_flag("--saturate", options->saturate,
                   "What overflows in a format becomes its largest number");
}

void add_outcome(CLI::App& command, const std::shared_ptr<AuditOptions>& options) {
  auto* const json =
      command.add_flag("--json", options->json, "Print one JSON object and nothing else");
  command
      .add_option("--csv", options->csv_path, "Write a line per reported step and quantity there")
      ->type_name("FILE")
      ->excludes(json);
  command
      .add_option("--html", options->html_path,
                  "Write one self-contained page there; its pictures need gnuplot")
      ->type_name("FILE");
  command
      .add_option("--budget", options->budget_path,
                  "Fail where the drift exceeds a limit in this file")
      ->type_name("FILE");
}

constexpr const char* budget_example =
    R"(# rule  set-up    quantity  figure            at most
adam    float     theta     median_ulp        10
*       bfloat16  theta     largest_relative  0.05)";

}  // namespace

Command add_audit(CLI::App& app, const std::string& program) {
  const auto options = std::make_shared<AuditOptions>();
  auto& command = *app.add_subcommand(
      "audit",
      "Measures how far float, double and other set-ups drift from the exact run of a rule while "
      "it\n"
      "trains, beside a rigorous bound, and says which rounding the drift comes from.");
  add_what_runs(command, options);
  add_recorded(command, options);
  add_hyperparameters(command, options);
  add_setup(command, options);
  add_outcome(command, options);
  command.footer(fmt::format(
      "Exit status: 0 every error within its rigorous radius, 1 some error outside, 2 usage,\n"
      "3 over budget, 130 interrupted by Ctrl-C, after a report on the steps done so far.\n\n"
      "{}\nA budget (figures are the columns of --csv; * stands for all):\n{}\n\n"
      "The object of --json:\n{}",
      drift::legend(), budget_example, drift::json_schema));
  return {&command, [=, &command] {
            check(*options);
            return audit(*options, command_line(command, *options, program));
          }};
}

}  // namespace truestep
