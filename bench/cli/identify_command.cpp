#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "commands.hpp"
#include "identify/identify.hpp"
#include "runs/npy.hpp"

namespace truestep {
namespace {

using identify::Judgement;
using identify::Report;

struct IdentifyOptions {
  std::string parameters, gradients, rule;
  identify::Options known;
  bool json = false;
};

constexpr auto legend =
    "Columns:\n"
    "excess      distance from the exact step over the bound: the largest if consistent, the "
    "first\n"
    "            above 1 if excluded, at this step (from 1) and coordinate (from 0)\n"
    "bound       what any sane order of operations makes of the step, from the parameters before "
    "it\n"
    "            and the gradients so far: two roundings of each result of the formula, before\n"
    "            cancellation, and one of each coefficient, carried from step to step\n"
    "            (proofs/numbers/any_order.hpp)\n"
    "in u        the bound in halves of an ulp of 1, relative to |theta| plus the size of the "
    "move\n"
    "margin      1 / excess\n"
    "teeth       steps of a coordinate that move by more than their bound\n"
    "at          the hyperparameters given, estimated or the convention's own\n";

std::string json(const Report& report) {
  using nlohmann::ordered_json;
  ordered_json all = {{"rule", report.rule},
                      {"steps", report.steps},
                      {"coordinates", report.coordinates},
                      {"consistent", ordered_json::array()},
                      {"excluded", ordered_json::array()},
                      {"findings", ordered_json::array()},
                      {"verdict", report.verdict}};
  for (const auto& each : report.consistent) all["consistent"].push_back(each.convention);
  for (const auto& [convention, numbers, place, teeth] : report.excluded)
    all["excluded"].push_back({{"convention", convention},
                               {"step", place.step},
                               {"coordinate", place.coordinate},
                               {"excess", place.excess}});
  for (const auto& [kind, detail] : report.findings)
    all["findings"].push_back({{"kind", kind}, {"detail", detail}});
  return all.dump(2) + "\n";
}

std::string line(const Judgement& judgement, bool consistent) {
  const auto& [step, coordinate, excess, bound, roundings] = judgement.place;
  return fmt::format("{:<14} {:<10} {:>9.3g} {:>6} {:>10} {:>9.3g} {:>9.4g} {:>6} {:>8}  {}\n",
                     judgement.convention, consistent ? "consistent" : "excluded", excess, step,
                     coordinate, bound, roundings,
                     consistent ? fmt::format("{:.3g}", 1 / excess) : "",
                     consistent ? fmt::format("{}", judgement.teeth) : "", judgement.numbers);
}

std::string table(const Report& report, bool in_double) {
  std::string all = fmt::format(
      "{}: {} steps of {} coordinates in {}\n\n"
      "{:<14} {:<10} {:>9} {:>6} {:>10} {:>9} {:>9} {:>6} {:>8}  at\n",
      report.rule, report.steps, report.coordinates, in_double ? "float64" : "float32",
      "convention", "", "excess", "step", "coordinate", "bound", "in u", "margin", "teeth");
  for (const auto& each : report.consistent) all += line(each, true);
  for (const auto& each : report.excluded) all += line(each, false);
  all += "\n";
  for (const auto& [kind, detail] : report.findings) all += fmt::format("{}: {}\n", kind, detail);
  return all + report.verdict + "\n";
}

int identify_run(const IdentifyOptions& options) {
  const auto parameters = identify::read_npy(options.parameters);
  const auto gradients = identify::read_npy(options.gradients);
  const auto report = identify::identify(
      options.rule, identify::record(parameters, gradients, options.parameters, options.gradients),
      options.known);
  fmt::print("{}", options.json ? json(report) : table(report, parameters.in_double));
  return report.consistent.empty() ? bound_exceeded : within_bounds;
}

}  // namespace

Command add_identify(CLI::App& app) {
  const auto options = std::make_shared<IdentifyOptions>();
  auto& command = *app.add_subcommand(
      "identify", "Says which system's convention of a rule a recorded run follows.");
  command.add_option("--params", options->parameters, "Parameters: T + 1 rows, .npy")
      ->type_name("FILE")
      ->required();
  command.add_option("--grads", options->gradients, "The T gradients used, .npy")
      ->type_name("FILE")
      ->required();
  command
      .add_option("--rule", options->rule, "One of momentum, nag, adagrad, adadelta, rmsprop, adam")
      ->type_name("RULE")
      ->required();
  const std::array<std::pair<const char*, const char*>, 8> numbers{
      {{"learning_rate", "[0, infinity)"},
       {"momentum", "[0, 1); of the directions in RMSprop and Adagrad"},
       {"dampening", "[0, 1], of the gradient in momentum and nag"},
       {"rho", "[0, 1); the decay of RMSprop and Adadelta, whatever a framework calls it"},
       {"beta1", "[0, 1)"},
       {"beta2", "[0, 1)"},
       {"epsilon", "[0, infinity), where the convention has it"},
       {"weight_decay", "[0, infinity), where the convention has it"}}};
  for (const auto& [name, range] : numbers) {
    std::string option = "--" + std::string(name);
    std::replace(option.begin(), option.end(), '_', '-');
    command
        .add_option_function<double>(
            option,
            [options, key = std::string(name)](double value) {
              options->known.numbers[key] = value;
            },
            range)
        ->type_name("NUMBER");
  }
  command.add_flag("--amsgrad", options->known.amsgrad, "Adam with the largest v so far");
  command.add_flag("--centered", options->known.centered, "RMSprop less the square of the mean");
  command.add_flag("--json", options->json, "Print one JSON object and nothing else");
  command.footer(fmt::format(
      "Exit status: 0 some convention is consistent with the run, 1 none is, 2 usage.\n\n"
      "Files are float32 or float64, C order, little-endian, one coordinate per column; .npz and\n"
      "safetensors are not read. A number that is not given is tried at each convention's "
      "default,\n"
      "then estimated if it is the learning rate, momentum of momentum and nag, rho, beta1, beta2\n"
      "or epsilon; the others stay at the default.\n\n{}",
      legend));
  return {&command, [=] { return identify_run(*options); }};
}

}  // namespace truestep
