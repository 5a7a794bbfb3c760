#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <truestep/proofs/equations.hpp>

#include "commands.hpp"
#include "runs/settings.hpp"

namespace truestep {
namespace {

using Json = nlohmann::ordered_json;
using settings::Named;

constexpr const char* json_schema =
    R"({"rules": [{"rule", "conventions": [{"convention", "hyperparameters": {NAME: VALUE}, "source"}]}]}
With --convention: {"rule", "convention", "hyperparameters", "source", "start": {STATE: VALUE},
 "gradient_point", "equations": [{"quantity", "right", "at_first_step" where another}], "statements": [C++]})";

struct RulesOptions {
  std::string rule, convention;
  bool json = false;
};

template <class Rule>
using HyperparametersOf = typename Rule::Hyperparameters;

/// "NAME=VALUE" for each member in which two descriptions differ, save those that a table has a
/// column for.
template <class Rule>
std::vector<std::string> differences(const HyperparametersOf<Rule>& h,
                                     const HyperparametersOf<Rule>& other, bool with_columns) {
  std::vector<std::string> result;
  settings::for_each_member<HyperparametersOf<Rule>>([&](const auto& named) {
    const auto is_column = [&](const auto& column) {
      return std::string_view(column.name) == named.name;
    };
    const bool column =
        std::any_of(Rule::hyperparameters.begin(), Rule::hyperparameters.end(), is_column);
    if (h.*named.member != other.*named.member && (with_columns || !column))
      result.push_back(fmt::format("{}={}", named.name, settings::text(h.*named.member)));
  });
  return result;
}

/// One line a convention, and one more for what it chooses otherwise than the seed.
template <class Rule>
std::string table() {
  const auto& conventions = fast::conventions_of<HyperparametersOf<Rule>>;
  std::string text = fmt::format("{:15}", Rule::name);
  const auto out = std::back_inserter(text);
  for (const auto& [name, member] : Rule::hyperparameters) fmt::format_to(out, " {:>13}", name);
  fmt::format_to(out, "  source\n");
  for (const auto& [convention, h, source] : conventions) {
    fmt::format_to(out, "  {:13}", convention);
    for (const auto& [name, member] : Rule::hyperparameters)
      fmt::format_to(out, " {:>13}", h.*member);
    fmt::format_to(out, "  {}\n", source);
    const auto otherwise = differences<Rule>(h, conventions.front().hyperparameters, false);
    if (!otherwise.empty()) fmt::format_to(out, "{:18}{}\n", "", fmt::join(otherwise, ","));
  }
  return text;
}

/// What can be set, and to what.
template <class Rule>
std::string members() {
  std::string text =
      fmt::format("{} can be set to another convention's, or NAME=VALUE:\n", Rule::name);
  settings::for_each_member<HyperparametersOf<Rule>>(
      [&]<class Value>(const Named<HyperparametersOf<Rule>, Value>& named) {
        text += fmt::format("  {:20} ", named.name);
        if constexpr (settings::is_number<Value>)
          text += "a number\n";
        else
          text += fmt::format("{}\n", fmt::join(settings::words(Value()).values, ", "));
      });
  return text;
}

/// The statements that describe it to the library.
template <class Rule>
std::vector<std::string> statements(const std::string& convention,
                                    const HyperparametersOf<Rule>& h) {
  std::string type = Rule::name;
  type[0] = static_cast<char>(std::toupper(type[0]));
  std::vector<std::string> result{fmt::format(
      R"(auto h = truestep::fast::convention<truestep::fast::{}Hyperparameters>("{}");)", type,
      convention)};
  const auto unchanged = fast::convention<HyperparametersOf<Rule>>(convention);
  settings::for_each_member<HyperparametersOf<Rule>>(
      [&]<class Value>(const Named<HyperparametersOf<Rule>, Value>& named) {
        if (h.*named.member == unchanged.*named.member) return;
        std::string scope;
        if constexpr (std::is_enum_v<Value>)
          scope = fmt::format("truestep::fast::{}::", settings::words(Value()).type);
        result.push_back(
            fmt::format("h.{} = {}{};", named.name, scope, settings::text(h.*named.member)));
      });
  return result;
}

/// One rule under one convention, which may be changed further.
template <class Rule>
struct Described {
  explicit Described(const std::string& typed)
      : convention(typed.substr(0, typed.find(','))),
        h(settings::described<Rule>(typed)),
        equations(proofs::equations<Rule>(h)) {
    for (const auto& each : fast::conventions_of<HyperparametersOf<Rule>>)
      if (each.name == convention) source = each.source;
  }

  std::string convention;
  HyperparametersOf<Rule> h;
  proofs::Equations equations;
  std::string source;
};

std::string text(const proofs::Equations& equations) {
  std::size_t names = 1, rights = 0;
  for (const auto& [quantity, right, first] : equations.step) {
    names = std::max(names, quantity.size());
    if (first) rights = std::max({rights, right.size(), first->size()});
  }
  std::string text;
  const auto out = std::back_inserter(text);
  for (const auto& [state, value] : equations.start)
    fmt::format_to(out, "  {:{}} = {}\n", state, names, value);
  fmt::format_to(out, "  {:{}} = gradient of the loss at {}\n\n", "g", names,
                 equations.gradient_point);
  for (const auto& [quantity, right, first] : equations.step) {
    if (!first) {
      fmt::format_to(out, "  {:{}} = {}\n", quantity, names, right);
      continue;
    }
    fmt::format_to(out, "  {:{}} = {:{}}  at t = 1\n", quantity, names, *first, rights);
    fmt::format_to(out, "  {:{}} = {:{}}  afterwards\n", "", names, right, rights);
  }
  return text;
}

template <class Rule>
std::string text(const Described<Rule>& described) {
  const auto& [convention, h, equations, source] = described;
  std::string result =
      fmt::format("{} under {}\n{}\n\n{}\n", Rule::name, convention, source, text(equations));
  settings::for_each_member<HyperparametersOf<Rule>>([&](const auto& named) {
    result += fmt::format("  {:20} {}\n", named.name, settings::text(described.h.*named.member));
  });
  return result + fmt::format("\n{}\n", fmt::join(statements<Rule>(convention, h), "\n"));
}

template <class Hyperparameters>
Json json(const Hyperparameters& h) {
  Json object = Json::object();
  settings::for_each_member<Hyperparameters>(
      [&]<class Value>(const Named<Hyperparameters, Value>& named) {
        if constexpr (std::is_enum_v<Value>)
          object[named.name] = settings::text(h.*named.member);
        else
          object[named.name] = h.*named.member;
      });
  return object;
}

template <class Rule>
Json json_of_conventions() {
  Json conventions = Json::array();
  for (const auto& [name, h, source] : fast::conventions_of<HyperparametersOf<Rule>>)
    conventions.push_back({{"convention", name}, {"hyperparameters", json(h)}, {"source", source}});
  return {{"rule", Rule::name}, {"conventions", conventions}};
}

template <class Rule>
Json json(const Described<Rule>& described) {
  const auto& [convention, h, equations, source] = described;
  Json start = Json::object(), step = Json::array();
  for (const auto& [state, value] : equations.start) start[state] = value;
  for (const auto& [quantity, right, first] : equations.step) {
    step.push_back({{"quantity", quantity}, {"right", right}});
    if (first) step.back()["at_first_step"] = *first;
  }
  return {{"rule", Rule::name},
          {"convention", convention},
          {"hyperparameters", json(h)},
          {"source", source},
          {"start", start},
          {"gradient_point", equations.gradient_point},
          {"equations", step},
          {"statements", statements<Rule>(convention, h)}};
}

int print_equations(const RulesOptions& options) {
  settings::with_rule(options.rule, [&]<class Rule>(Rule) {
    const Described<Rule> described(options.convention);
    fmt::print("{}", options.json ? json(described).dump(2) + "\n" : text(described));
  });
  return 0;
}

int print_conventions(const RulesOptions& options) {
  std::vector<std::string> tables;
  Json objects = Json::array();
  const auto add = [&]<class Rule>(Rule) {
    tables.push_back(table<Rule>() + (options.rule.empty() ? "" : "\n" + members<Rule>()));
    objects.push_back(json_of_conventions<Rule>());
  };
  if (options.rule.empty())
    std::apply([&](auto... rule) { (add(rule), ...); }, rules::All());
  else
    settings::with_rule(options.rule, add);
  if (options.json)
    fmt::print("{}\n", Json{{"rules", objects}}.dump(2));
  else
    fmt::print("{}", fmt::join(tables, "\n"));
  return 0;
}

int print_rules(const RulesOptions& options) {
  if (options.convention.empty()) return print_conventions(options);
  if (options.rule.empty()) throw std::invalid_argument("--convention asks for a rule");
  return print_equations(options);
}

}  // namespace

Command add_rules(CLI::App& app) {
  const auto options = std::make_shared<RulesOptions>();
  auto& command = *app.add_subcommand(
      "rules",
      "Prints how the rules are meant by papers and systems: defaults, choices, sources;\n"
      "with --convention, the equations with every choice filled in, read off the formula.");
  command.add_option("rule", options->rule, "One rule; all unless given")->type_name("RULE");
  command
      .add_option("--convention", options->convention,
                  "A convention, and what to change in it: pytorch,epsilon=1e-3,amsgrad=true")
      ->type_name("NAME[,NAME=VALUE...]");
  command.add_flag("--json", options->json, "Print one JSON object and nothing else");
  command.footer(
      fmt::format("The second line of a convention is what it chooses otherwise than the seed.\n\n"
                  "The object of --json:\n{}",
                  json_schema));
  return {&command, [=] { return print_rules(*options); }};
}

}  // namespace truestep
