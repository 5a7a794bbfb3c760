// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
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
std::string table(const Conventions& conventions, std::size_t width) {
  std::vector<std::vector<std::string>> lines{{std::string(conventions.rule)}};
  for (const auto& column : conventions.columns) lines[0].emplace_back(column);
  for (const auto& row : conventions.rows) {
    lines.push_back({fmt::format("  {}", row.convention)});
    for (const auto& column : conventions.columns) lines.back().push_back(row.text(column));
  }
  std::vector<std::size_t> widths(lines[0].size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());

  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string line = fmt::format("{:{}}", lines[i][0], widths[0]);
    for (std::size_t c = 1; c < lines[i].size(); ++c)
      line += fmt::format("  {:>{}}", lines[i][c], widths[c]);
    // A narrow terminal has the source on a line of its own.
    const std::size_t beside = line.size() + 2;
    const std::string from = i == 0 ? "source" : conventions.rows[i - 1].source;
    const bool below = beside + std::max<std::size_t>(36, longest_word(from)) > width;
    const std::size_t column = below && i > 0 ? 4 : beside;
    text += line + (below && i > 0 ? "\n    " : "  ") +
            terminal::wrapped(from, width, column, column) + "\n";
    if (i == 0) continue;
    const auto otherwise = conventions.beside_columns(conventions.rows[i - 1]);
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
std::vector<std::pair<std::string, std::string>> terms() {
  std::vector<std::pair<std::string, std::string>> terms;
  fast::for_each_member<typename Rule::Fast>([&](const auto& member) {
    terms.emplace_back(member.name, fmt::format("{}: {}", member.words, values(member)));
  });
  return terms;
}

/// One rule under one convention, which may be changed further.
struct Described {
  std::string_view rule;
  ConventionRow row;  ///< with the members as they are in it
  std::vector<Member> members;
  proofs::Equations equations;
};

/// The statements that describe it to the library.
std::vector<std::string> statements(const Described& described) {
  std::string type(described.rule);
  type[0] = static_cast<char>(std::toupper(type[0]));
  std::vector<std::string> result{fmt::format(
      R"(auto h = truestep::fast::convention<truestep::fast::{}Hyperparameters>("{}");)", type,
      described.row.convention)};
  for (std::size_t i = 0; i < described.members.size(); ++i) {
    const auto& [name, value] = described.members[i];
    if (described.members[i] == described.row.members[i]) continue;
    const auto scope = std::visit(
        []<class Type>(Type x) {
          if constexpr (std::is_enum_v<Type>)
            return fmt::format("truestep::fast::{}::", settings::words(x).type);
          else
            return std::string();
        },
        value);
    result.push_back(fmt::format("h.{} = {}{};", name, scope, settings::text_of(value)));
  }
  return result;
}

std::string text(const proofs::Equations& equations) {
  std::size_t names = 1, rights = 0;
  for (const auto& [quantity, right, first] : equations.step) {
    names = std::max(names, quantity.size());
    if (first) rights = std::max({rights, right.size(), first->size()});
  }
  std::string text;
  for (const auto& [state, value] : equations.start)
    text += fmt::format("  {:{}} = {}\n", state, names, value);
  text +=
      fmt::format("  {:{}} = gradient of the loss at {}\n\n", "g", names, equations.gradient_point);
  for (const auto& [quantity, right, first] : equations.step) {
    if (!first) {
      text += fmt::format("  {:{}} = {}\n", quantity, names, right);
      continue;
    }
    text += fmt::format("  {:{}} = {:{}}  at t = 1\n", quantity, names, *first, rights);
    text += fmt::format("  {:{}} = {:{}}  afterwards\n", "", names, right, rights);
  }
  return text;
}

std::string text(const Described& described) {
  const auto& [rule, row, members, equations] = described;
  std::string result = fmt::format("{} under {}\n{}\n", rule, row.convention,
                                   terminal::wrapped(row.whole_source, terminal::width()));
  if (!row.options.empty()) result += fmt::format("Its options: {}\n", row.options);
  result += fmt::format("\n{}\n", text(equations));
  for (const auto& [name, value] : members)
    result += fmt::format("  {:20} {}\n", name, settings::text_of(value));
  return result + fmt::format("\n{}\n", fmt::join(statements(described), "\n"));
}

Json json(const std::vector<Member>& members) {
  Json object = Json::object();
  for (const auto& [name, value] : members)
    std::visit(
        [&, &name = name]<class Type>(Type x) {
          if constexpr (std::is_enum_v<Type>)
            object[std::string(name)] = settings::text(x);
          else
            object[std::string(name)] = x;
        },
        value);
  return object;
}

Json json(const Conventions& conventions) {
  Json rows = Json::array();
  for (const auto& row : conventions.rows)
    rows.push_back({{"convention", row.convention},
                    {"class", row.class_name},
                    {"options", row.options},
                    {"hyperparameters", json(row.members)},
                    {"source", row.whole_source}});
  return {{"rule", conventions.rule}, {"conventions", rows}};
}

Json json(const Described& described) {
  const auto& [rule, row, members, equations] = described;
  Json start = Json::object(), step = Json::array();
  for (const auto& [state, value] : equations.start) start[state] = value;
  for (const auto& [quantity, right, first] : equations.step) {
    step.push_back({{"quantity", quantity}, {"right", right}});
    if (first) step.back()["at_first_step"] = *first;
  }
  return {{"version", version()},
          {"rule", rule},
          {"convention", row.convention},
          {"class", row.class_name},
          {"options", row.options},
          {"hyperparameters", json(members)},
          {"source", row.whole_source},
          {"start", start},
          {"gradient_point", equations.gradient_point},
          {"equations", step},
          {"statements", statements(described)}};
}

/// What is asked for: the rule's first convention where only hyperparameters are given.
template <class Rule>
Described asked_for(const Subject& subject) {
  using Hyperparameters = typename Rule::Hyperparameters;
  auto typed = subject.only_convention();
  if (typed.empty()) typed = settings::convention_names<Hyperparameters>().front();
  auto chosen = settings::chosen<Rule>(typed);
  settings::add(chosen.own, subject.given);
  const auto h = settings::described<Rule>(chosen);
  const auto rows = conventions_of(Rule::name).rows;
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const ConventionRow& each) {
    return each.convention == chosen.convention;
  });
  return {Rule::name, *row, members_of(h), equations_of<Rule>(h)};
}

std::string csv_lines(std::string_view rule, std::string_view convention,
                      const std::vector<Member>& members) {
  std::string text;
  for (const auto& [name, value] : members)
    text += fmt::format("{},{},{},{}\n", rule, convention, name, settings::text_of(value));
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
  Described asked;
  settings::with_rule(options.subject.rule,
                      [&]<class Rule>(Rule) { asked = asked_for<Rule>(options.subject); });
  options.output.open();
  if (options.output.json) return print_json(json(asked), options.subject.note);
  options.output.write_csv(csv_header + csv_lines(asked.rule, asked.row.convention, asked.members));
  if (!options.output.shows_text()) return;
  print_note(options.subject.note);
  print(text(asked));
}

/// All of one rule, or of each.
void print_conventions(RulesOptions& options) {
  const std::string& rule = options.subject.rule;
  const auto width = terminal::width();
  const auto all = rule.empty() ? conventions_of_all() : std::vector{conventions_of(rule)};
  std::size_t count = 0;
  std::vector<std::string> tables;
  std::string csv = csv_header;
  Json objects = Json::array();
  for (const auto& conventions : all) {
    count += conventions.rows.size();
    tables.push_back(table(conventions, width));
    objects.push_back(json(conventions));
    for (const auto& row : conventions.rows)
      csv += csv_lines(conventions.rule, row.convention, row.members);
  }
  options.output.open();
  if (options.output.json)
    return print_json({{"version", version()}, {"rules", objects}}, options.subject.note);
  options.output.write_csv(csv);
  if (!options.output.shows_text()) return;
  print_note(options.subject.note);
  const std::string conclusion =
      fmt::format("{} under {} conventions; truestep rules {} CONVENTION prints one's equations.",
                  rule.empty() ? fmt::format("{} rules", all.size()) : rule, count,
                  rule.empty() ? "RULE" : rule);
  print(terminal::bold(terminal::wrapped(conclusion, width)) + "\n\n" +
        fmt::format("{}", fmt::join(tables, "\n")));
  if (rule.empty()) return;
  settings::with_rule(rule, [&]<class Rule>(Rule) {
    print(fmt::format("\nWhat {} can be set to, as CONVENTION,NAME=VALUE or an option:\n", rule) +
          terminal::definitions(terms<Rule>(), width));
  });
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
