// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "identify/identify.hpp"
#include "identify/stopped.hpp"
#include "output.hpp"
#include "progress_bar.hpp"
#include "runs/arrays.hpp"
#include "runs/escaped.hpp"
#include "runs/json_text.hpp"
#include "runs/npy.hpp"
#include "runs/typed.hpp"
#include "runs/version.hpp"
#include "source.hpp"
#include "subject.hpp"
#include "terminal.hpp"

namespace truestep {
namespace {

using identify::Judgement;

struct IdentifyOptions {
  Subject subject;
  Output output;
  std::string parameters, gradients, run, coordinates;
};

constexpr auto explanation_of_identify =
    R"(excess      distance from the exact step over the bound: the largest if consistent, the first
            above 1 if excluded, at this step (from 1) and coordinate (from 0)
bound       what any sane order of operations makes of the step, from the parameters before it and
            the gradients so far: two roundings of each result of the formula, before cancellation,
            or as many as one of its terms may meet, and one of each coefficient, carried from step
            to step (proofs/numbers/any_order.hpp)
in u        the bound in halves of an ulp of 1, relative to |theta| plus the size of the move
margin      1 / excess
teeth       steps of a coordinate that move by more than their bound
at          below a convention: the hyperparameters given, estimated or the convention's own

Numbers of a rule that are not given are looked for by branch and bound over all of them: rates and
epsilons up to 2^10, weights up to 1 - 2^-30. A convention is excluded only if no numbers that its
class has, and no known habit of forming coefficients, make it fit; where the search was given up it
is not excluded, and is named with what would decide. What fits is named beside what would fit with
an option that was not told, or if one number is not as it was told. What else is not given stays at
the convention's own. Exit status 1 says that every convention is excluded, with any one number
otherwise than told as well; where that was not found out the status is 3. Conventions that are
named as operands are judged alone.

The object of --json, whose schema is bench/identify/report.schema.json:
{"version", "rule", "steps", "coordinates", "verdict": "fits" | "excluded" | "not_determined",
 "consistent": [CONVENTION], "open": [CONVENTION],
 "excluded": [{"convention", "step", "coordinate", "excess"}],
 "findings": [{"kind", "detail"}], "sentence": TEXT, "rerun": COMMAND,
 "note": TEXT where the rule's name is an alias, or not all that was recorded is judged}
)";

ExitStatus status(const identify::Report& report) {
  return !report.consistent.empty() ? yes : report.determined ? no : undetermined;
}

const char* verdict_name(const identify::Report& report) {
  const auto its = status(report);
  return its == yes ? "fits" : its == no ? "excluded" : "not_determined";
}

std::string json(const identify::Report& report, const std::string& note,
                 const std::string& rerun) {
  using nlohmann::ordered_json;
  ordered_json all = {{"version", version()},
                      {"rule", report.rule},
                      {"steps", report.steps},
                      {"coordinates", report.coordinates},
                      {"verdict", verdict_name(report)},
                      {"consistent", ordered_json::array()},
                      {"open", report.open},
                      {"excluded", ordered_json::array()},
                      {"findings", ordered_json::array()},
                      {"sentence", report.verdict},
                      {"rerun", rerun}};
  if (!note.empty()) all["note"] = note;
  for (const auto& each : report.consistent) all["consistent"].push_back(each.convention);
  for (const auto& [convention, numbers, place, teeth] : report.excluded)
    all["excluded"].push_back({{"convention", convention},
                               {"step", place.step},
                               {"coordinate", place.coordinate},
                               {"excess", place.excess}});
  for (const auto& [kind, detail] : report.findings)
    all["findings"].push_back({{"kind", kind}, {"detail", detail}});
  return json_text(all);
}

std::string line(const Judgement& judgement, bool consistent) {
  const auto& [step, coordinate, excess, bound, roundings] = judgement.place;
  std::string name = judgement.convention;
  if (name.size() > 14) name += fmt::format("\n{:14}", "");
  return fmt::format("{:<14} {:<10} {:>9.3g} {:>6} {:>10} {:>9.3g} {:>9.4g}{}\n", name,
                     consistent ? "consistent" : "excluded", excess, step, coordinate, bound,
                     roundings,
                     consistent ? fmt::format(" {:>6.3g} {:>8}", 1 / excess, judgement.teeth) : "");
}

/// A line for each convention, and one for its numbers where they are not those of the line before.
std::string lines(const std::vector<Judgement>& judgements, bool consistent, std::string& numbers) {
  std::string all;
  for (const auto& each : judgements) {
    all += line(each, consistent);
    if (each.numbers != numbers)
      all += "  at " + terminal::wrapped(each.numbers, terminal::width(), 5, 5) + "\n";
    numbers = each.numbers;
  }
  return all;
}

std::string table(const identify::Report& report) {
  std::string numbers;
  const std::string all =
      fmt::format("{:<14} {:<10} {:>9} {:>6} {:>10} {:>9} {:>9} {:>6} {:>8}\n", "convention", "",
                  "excess", "step", "coordinate", "bound", "in u", "margin", "teeth") +
      lines(report.consistent, true, numbers);
  return all + lines(report.excluded, false, numbers);
}

std::string text(const identify::Report& report, bool in_double, const std::string& note,
                 const std::string& rerun) {
  const auto width = terminal::width();
  std::string all = terminal::bold(terminal::wrapped(report.verdict, width)) + "\n";
  if (!note.empty()) all += terminal::wrapped(note, width) + "\n";
  for (const auto& [kind, detail] : report.findings)
    all += terminal::wrapped(fmt::format("{}: {}", kind, detail), width, 2) + "\n";
  all += fmt::format("\n{}: {} steps of {} coordinates in {}\n", report.rule, report.steps,
                     report.coordinates, in_double ? "float64" : "float32");
  return all + table(report) + fmt::format("\nRerun: {}\n", rerun) +
         terminal::wrapped("--explain says what the columns mean.", width) + "\n";
}

std::string csv(const identify::Report& report) {
  std::string text = "convention,status,excess,step,coordinate,bound,roundings,teeth,numbers\n";
  for (const auto* judgements : {&report.consistent, &report.excluded})
    for (const auto& [convention, numbers, place, teeth] : *judgements)
      text += fmt::format("{},{},{},{},{},{},{},{},{}\n", in_field(convention),
                          judgements == &report.consistent ? "consistent" : "excluded",
                          place.excess, place.step, place.coordinate, place.bound, place.roundings,
                          teeth, in_field(numbers));
  return text;
}

/// What is known of the run's convention, read before the files.
identify::Options known(const Subject& subject) {
  identify::Options options{subject.given, {}};
  settings::with_rule(subject.rule, [&]<class Rule>(Rule) {
    for (const auto& typed : subject.conventions)
      options.conventions.push_back(settings::chosen<Rule>(typed));
    typename Rule::Hyperparameters h;
    settings::apply<Rule>(h, options.given);
  });
  return options;
}

/// The run of --run, or of --params and --grads.
identify::Read recorded(const IdentifyOptions& options, std::size_t coordinates) {
  if (!options.run.empty()) {
    if (!options.parameters.empty() || !options.gradients.empty())
      throw std::invalid_argument("--run goes without --params and --grads");
    return identify::read_record(identify::read_arrays(options.run), options.run, coordinates);
  }
  for (const auto& [file, name] :
       {std::pair(options.parameters, "--params"), std::pair(options.gradients, "--grads")})
    if (file.empty()) throw std::invalid_argument(std::string(name) + " is required");
  return identify::read_record({{"params", identify::read_npy_array(options.parameters)},
                                {"grads", identify::read_npy_array(options.gradients)}},
                               "", coordinates,
                               {{"params", options.parameters}, {"grads", options.gradients}});
}

/// What the record tells of each step is told.
void add_told(settings::Given& given, const identify::Record& run, const std::string& file) {
  for (const auto& [name, numbers] : {std::pair(std::string("learning_rate"), &run.learning_rate),
                                      std::pair(std::string("weight_decay"), &run.weight_decay)}) {
    if (numbers->empty()) continue;
    if (given.contains(name))
      throw std::invalid_argument(
          fmt::format("{} is given twice: {} has it for each step", name, file));
    given[name] = *std::max_element(numbers->begin(), numbers->end());
  }
}

/// The first Ctrl-C asks for what is known so far; the second ends the program.
void stop_on_interrupt() {
  std::signal(SIGINT, [](int) {
    identify::stop_asked = true;
    std::signal(SIGINT, SIG_DFL);
  });
}

/// Shows the progress while it lives.
class Watched {
 public:
  Watched() {
    identify::on_progress = [this](const char* what, std::size_t done, std::size_t of) {
      if (done == 1) bar_.emplace(of);  // a stage begins
      if (bar_) bar_->show(what, done);
    };
  }
  ~Watched() { identify::on_progress = nullptr; }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

 private:
  std::optional<ProgressBar> bar_;
};

/// What is known of a run, where nothing of it tells anything included.
identify::Report reported(const IdentifyOptions& options, const identify::Record& run,
                const identify::Options& known) {
  const Watched watched;
  try {
    return identify::identify(options.subject.rule, run, known);
  } catch (const identify::NotDetermined& error) {
    if (!options.output.json) throw;
    return {options.subject.rule, run.steps, run.coordinates, {}, {}, {}, {}, error.what(), false};
  }
}

ExitStatus identify_run(IdentifyOptions& options, const Invocation& invocation) {
  auto& [subject, output, parameters_file, gradients_file, run_file, coordinates] = options;
  subject.resolve();
  subject.require_rule();
  auto what_is_known = known(subject);
  const std::uint64_t count =
      coordinates.empty() ? 0 : integer("coordinates", coordinates, 1, std::uint64_t{1} << 32);
  const auto [run, about, not_finite] = recorded(options, count);
  add_told(what_is_known.given, run, run_file);
  auto note = subject.note;
  if (!about.empty()) note += (note.empty() ? "" : "; ") + about;
  output.open({{"params", parameters_file, false},
               {"grads", gradients_file, false},
               {"run", run_file, false}});
  stop_on_interrupt();
  auto report = reported(options, run, what_is_known);
  for (const auto& each : not_finite) report.findings.push_back({"not_finite", each});
  if (identify::stop_asked)
    note +=
        (note.empty() ? "" : "; ") + std::string("stopped by Ctrl-C: what is open was not settled");
  const std::string rerun = rerun_of("identify", invocation);
  if (output.json) print(json(report, note, rerun));
  output.write_csv(csv(report));
  if (output.shows_text()) print(text(report, run.in_double, note, rerun));
  return identify::stop_asked ? interrupted : status(report);
}

ExitStatus identified(IdentifyOptions& options, const Invocation& invocation) {
  try {
    return identify_run(options, invocation);
  } catch (const identify::NotDetermined& error) {
    std::fputs(fmt::format("identify: {}\n", visible(error.what(), "\n")).c_str(), stderr);
    return undetermined;
  }
}

}  // namespace

Command identify_command() {
  const auto options = std::make_shared<IdentifyOptions>();
  const auto app = std::make_shared<CLI::App>(
      "Says which system's convention of a rule a recorded run follows.", "identify");
  app->add_option("--params", options->parameters,
                  "The parameters: a .npy file of a row before each step, and one after the last")
      ->type_name("FILE")
      ->group("The run");
  app->add_option("--grads", options->gradients,
                  "The gradients used: a .npy file of a row for each step")
      ->type_name("FILE")
      ->group("The run");
  app->add_option("--run", options->run,
                  "Both, and what changes from step to step: a .npz or .safetensors file "
                  "(bench/runs/README.md)")
      ->type_name("FILE")
      ->group("The run");
  app->add_option("--coordinates", options->coordinates,
                  fmt::format("Judge so many coordinates, a sample; all, up to {}, unless given",
                              identify::usual_coordinates))
      ->type_name("N")
      ->group("The run");
  options->subject.add_to(*app);
  add_output(*app, options->output, "convention");
  return {"identify",
          "RULE [CONVENTION[,NAME=VALUE...]] ... {--params FILE --grads FILE | --run FILE}", app,
          [options](const Invocation& invocation) { return identified(*options, invocation); },
          [] { return std::string(explanation_of_identify); }};
}

}  // namespace truestep
