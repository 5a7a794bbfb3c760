// SPDX-License-Identifier: Apache-2.0
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

#include "commands.hpp"
#include "conventions.hpp"
#include "output.hpp"
#include "runs/escaped.hpp"
#include "runs/equations.hpp"
#include "runs/json_text.hpp"
#include "runs/typed.hpp"
#include "runs/version.hpp"
#include "subject.hpp"
#include "terminal.hpp"

namespace truestep {
namespace {

using Json = nlohmann::ordered_json;
using settings::Named;

constexpr const char* explanation_of_rules =
    R"(Without a CONVENTION: the hyperparameters that each has by default, and where it is from. The line
below says what it chooses otherwise than the first one; all else is as there.

With one: the states at the start, the point at which the gradient is taken, one step, every
hyperparameter, and the C++ that describes it to the library. The equations are read off the
reference's own formula, which is run on symbols.

The object of --json:
{"version", "rules": [{"rule", "conventions": [{"convention", "class", "options", "hyperparameters":
 {NAME: VALUE}, "source"}]}], "note" where the rule's name is an alias}
With a CONVENTION: {"version", "rule", "convention", "class", "options", "hyperparameters",
 "source", "start": {STATE: VALUE}, "gradient_point",
 "equations": [{"quantity", "right", "at_first_step" where another}], "statements": [C++], "note"}

--csv: rule, convention, hyperparameter, value, a line for each hyperparameter.
--markdown: all of it as fast/CONVENTIONS.md has it.
)";

struct RulesOptions {
  Subject subject;
  Output output;
  bool markdown = false;
};

std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const auto length = std::min(text.find(' '), text.size());
    longest = std::max(longest, length);
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return longest;
}

/// Names and numbers in columns, as wide as what stands in them, then the source.
template <class Rule>
std::string table(std::size_t width) {
  const auto& conventions = fast::conventions_of<HyperparametersOf<Rule>>;
  std::vector<std::vector<std::string>> rows{{Rule::name}};
  for (const auto& column : Rule::hyperparameters) rows[0].emplace_back(column.name);
  for (const auto& row : conventions) {
    rows.push_back({"  " + std::string(row.name)});
    for (const auto& column : Rule::hyperparameters)
      rows.back().push_back(settings::text(row.hyperparameters.*column.member));
  }
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());

  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line = fmt::format("{:{}}", rows[i][0], widths[0]);
    for (std::size_t c = 1; c < rows[i].size(); ++c)
      line += fmt::format("  {:>{}}", rows[i][c], widths[c]);
    // A narrow terminal has the source on a line of its own.
    const std::size_t beside = line.size() + 2;
    const std::string from = i == 0 ? "source" : source(conventions[i - 1]);
    const bool below = beside + std::max<std::size_t>(36, longest_word(from)) > width;
    const std::size_t column = below && i > 0 ? 4 : beside;
    text += line + (below && i > 0 ? "\n    " : "  ") +
            terminal::wrapped(from, width, column, column) + "\n";
    if (i == 0) continue;
    const auto otherwise =
        differences_beside_columns<Rule>(conventions[i - 1].hyperparameters,
                                         conventions[0].hyperparameters);
    if (!otherwise.empty())
      text += "    " +
              terminal::wrapped(fmt::format("{}", fmt::join(otherwise, " ")), width, 4, 4) + "\n";
  }
  return text;
}

/// The numbers that a hyperparameter may be, or the words of a choice.
template <class H, class Value>
std::string values(const fast::NamedNumber<H, Value>& number) {
  return fast::text(number.domain);
}
template <class H, class Value>
std::string values(const fast::NamedChoice<H, Value>&) {
  return fmt::format("{}", fmt::join(settings::words(Value()).values, ", "));
}

/// What can be set, and to what.
template <class Rule>
std::string members(std::size_t width) {
  std::vector<std::pair<std::string, std::string>> terms;
  fast::for_each_member<typename Rule::Fast>([&](const auto& member) {
    terms.emplace_back(member.name, fmt::format("{}: {}", member.words, values(member)));
  });
  return fmt::format("What {} can be set to, as CONVENTION,NAME=VALUE or an option:\n",
                     Rule::name) +
         terminal::definitions(terms, width);
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
  explicit Described(const settings::Chosen& chosen)
      : convention(chosen.convention),
        h(settings::described<Rule>(chosen)),
        equations(equations_of<Rule>(h)),
        row(*fast::find_convention<HyperparametersOf<Rule>>(convention)) {}

  std::string convention;
  HyperparametersOf<Rule> h;
  proofs::Equations equations;
  ConventionOf<Rule> row;
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
  const auto& [convention, h, equations, row] = described;
  std::string result = fmt::format("{} under {}\n{}\n", Rule::name, convention,
                                   terminal::wrapped(whole_source(row), terminal::width()));
  if (!row.options.empty()) result += fmt::format("Its options: {}\n", row.options);
  result += fmt::format("\n{}\n", text(equations));
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
  for (const auto& row : fast::conventions_of<HyperparametersOf<Rule>>)
    conventions.push_back({{"convention", row.name},
                           {"class", row.class_name},
                           {"options", row.options},
                           {"hyperparameters", json(row.hyperparameters)},
                           {"source", whole_source(row)}});
  return {{"rule", Rule::name}, {"conventions", conventions}};
}

template <class Rule>
Json json(const Described<Rule>& described) {
  const auto& [convention, h, equations, row] = described;
  Json start = Json::object(), step = Json::array();
  for (const auto& [state, value] : equations.start) start[state] = value;
  for (const auto& [quantity, right, first] : equations.step) {
    step.push_back({{"quantity", quantity}, {"right", right}});
    if (first) step.back()["at_first_step"] = *first;
  }
  return {{"version", version()},
          {"rule", Rule::name},
          {"convention", convention},
          {"class", row.class_name},
          {"options", row.options},
          {"hyperparameters", json(h)},
          {"source", whole_source(row)},
          {"start", start},
          {"gradient_point", equations.gradient_point},
          {"equations", step},
          {"statements", statements<Rule>(convention, h)}};
}

/// The convention that is asked for: the rule's first where only hyperparameters are given.
template <class Rule>
settings::Chosen asked_for(const Subject& subject) {
  auto typed = subject.only_convention();
  if (typed.empty()) typed = settings::convention_names<HyperparametersOf<Rule>>().front();
  auto chosen = settings::chosen<Rule>(typed);
  settings::add(chosen.own, subject.given);
  return chosen;
}

template <class Rule>
std::string csv_lines(std::string_view convention, const HyperparametersOf<Rule>& h) {
  std::string text;
  settings::for_each_member<HyperparametersOf<Rule>>([&](const auto& named) {
    text += fmt::format("{},{},{},{}\n", Rule::name, convention, named.name,
                        settings::text(h.*named.member));
  });
  return text;
}

constexpr const char* csv_header = "rule,convention,hyperparameter,value\n";

void print_json(Json object, const std::string& note) {
  if (!note.empty()) object["note"] = note;
  print(json_text(object));
}

void print_note(const std::string& note) {
  if (!note.empty()) print(terminal::wrapped(note, terminal::width()) + "\n\n");
}

void print_equations(RulesOptions& options) {
  settings::with_rule(options.subject.rule, [&]<class Rule>(Rule) {
    const Described<Rule> described(asked_for<Rule>(options.subject));
    options.output.open();
    if (options.output.json) return print_json(json(described), options.subject.note);
    options.output.write_csv(csv_header + csv_lines<Rule>(described.convention, described.h));
    if (!options.output.shows_text()) return;
    print_note(options.subject.note);
    print(text(described));
  });
}

/// All of one rule, or of each.
struct Conventions {
  std::size_t rules = 0, count = 0;
  std::vector<std::string> tables;
  std::string csv = csv_header;
  Json objects = Json::array();

  template <class Rule>
  void add(bool with_members) {
    const auto width = terminal::width();
    const auto& conventions = fast::conventions_of<HyperparametersOf<Rule>>;
    ++rules;
    count += conventions.size();
    tables.push_back(table<Rule>(width) + (with_members ? "\n" + members<Rule>(width) : ""));
    objects.push_back(json_of_conventions<Rule>());
    for (const auto& each : conventions) csv += csv_lines<Rule>(each.name, each.hyperparameters);
  }
};

void print_conventions(RulesOptions& options) {
  const std::string& rule = options.subject.rule;
  Conventions conventions;
  if (rule.empty())
    settings::for_each_rule([&]<class Rule>(Rule) { conventions.add<Rule>(false); });
  else
    settings::with_rule(rule, [&]<class Rule>(Rule) { conventions.add<Rule>(true); });
  options.output.open();
  if (options.output.json)
    return print_json({{"version", version()}, {"rules", conventions.objects}},
                      options.subject.note);
  options.output.write_csv(conventions.csv);
  if (!options.output.shows_text()) return;
  print_note(options.subject.note);
  const std::string conclusion =
      fmt::format("{} under {} conventions; truestep rules {} CONVENTION prints one's equations.",
                  rule.empty() ? fmt::format("{} rules", conventions.rules) : rule,
                  conventions.count, rule.empty() ? "RULE" : rule);
  print(terminal::bold(terminal::wrapped(conclusion, terminal::width())) + "\n\n" +
        fmt::format("{}", fmt::join(conventions.tables, "\n")));
}

ExitStatus print_rules(RulesOptions& options) {
  auto& subject = options.subject;
  subject.resolve();
  if (options.markdown) {
    options.output.open();
    print(conventions_page());
    return yes;
  }
  if (subject.conventions.empty() && subject.given.size() == subject.implied)
    print_conventions(options);
  else if (subject.rule.empty())
    throw std::invalid_argument("a convention or a hyperparameter asks for a rule");
  else
    print_equations(options);
  return yes;
}

}  // namespace

Command rules_command() {
  const auto options = std::make_shared<RulesOptions>();
  const auto app = std::make_shared<CLI::App>(
      "Prints the rules as papers and systems have them.\n"
      "These are defaults, choices and sources; with a convention, the equations with every choice "
      "filled in.",
      "rules");
  options->subject.add_to(*app);
  add_output(*app, options->output, "hyperparameter");
  app->add_flag("--markdown", options->markdown, "Print all conventions as a page");
  return {"rules", "[RULE [CONVENTION[,NAME=VALUE...]]]", app,
          [options](const Invocation&) { return print_rules(*options); },
          [] { return std::string(explanation_of_rules); }};
}

}  // namespace truestep
