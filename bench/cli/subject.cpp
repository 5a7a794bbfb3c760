// SPDX-License-Identifier: Apache-2.0

#include "subject.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <type_traits>

#include "runs/aliases/every_rule.hpp"
#include "runs/typed.hpp"

namespace truestep {
namespace {

const std::string group = "Hyperparameters";

/// A hyperparameter of some rules, as their descriptions tell it, and how it is typed.
struct Described {
  std::string name;
  std::vector<std::string> rules;
  std::string what;    ///< the first rule's words
  std::string values;  ///< after that, a range, or the words of a choice
  std::string type;    ///< in help; "" for a flag

  std::string option() const {
    std::string text = "--" + name;
    std::replace(text.begin(), text.end(), '_', '-');
    return text;
  }
  std::string help() const {
    return fmt::format("{}{}; of {}", what, values, fmt::join(rules, ", "));
  }
};

template <class H, class Type>
Described described(const fast::NamedNumber<H, Type>& number) {
  return {number.name,
          {},
          number.words,
          fmt::format(", in {}", fast::text(number.domain)),
          std::is_same_v<Type, double> ? "NUMBER" : "N"};
}

template <class H, class Type>
Described described(const fast::NamedChoice<H, Type>& choice) {
  Described result{choice.name, {}, choice.words, {}, "WORD"};
  if constexpr (std::is_same_v<Type, bool>) {
    result.type = "";
    result.values = fmt::format("; {}=false turns it off", result.option());
  } else {
    result.values = fmt::format(": {}", fmt::join(settings::words(Type()).values, ", "));
  }
  return result;
}

/// Those of all rules, each once: numbers, flags, choices.
std::vector<Described> hyperparameters() {
  std::vector<Described> all;
  fast::for_each_rule([&]<class Rule>() {
    fast::for_each_member<Rule>([&](const auto& member) {
      auto known = std::find_if(all.begin(), all.end(),
                                [&](const Described& each) { return each.name == member.name; });
      if (known == all.end()) known = all.insert(all.end(), described(member));
      known->rules.emplace_back(Rule::name);
    });
  });
  const auto kind = [](const Described& each) {
    return each.type.empty() ? 1 : each.type == "WORD" ? 2 : 0;
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](const Described& a, const Described& b) { return kind(a) < kind(b); });
  return all;
}

void add_hyperparameter(CLI::App& command, settings::Given& given, const Described& described) {
  const std::string name = described.name;
  if (described.type.empty()) {
    command
        .add_flag_function(
            described.option(),
            [&given, name](std::int64_t times) { settings::add(given, name, times > 0); },
            described.help())
        ->group(group);
    return;
  }
  command
      .add_option_function<std::string>(
          described.option(),
          [&given, name](const std::string& typed) {
            settings::add(given, name, settings::read_value(name, typed));
          },
          described.help())
      ->type_name(described.type)
      ->group(group);
}

/// An option that may be given again, each time with one value.
void add_synonym(CLI::App& command, const std::string& option, const std::string& type,
                 std::vector<std::string>& values) {
  command.add_option(option, values, fmt::format("The same as {} among the operands", type))
      ->type_name(type)
      ->allow_extra_args(false);
}

/// A rule's alias, and the rule's own name.
struct Alias {
  aliases::OfRule alias;
  std::string meant;
};

std::optional<Alias> alias_of(const std::string& typed) {
  const auto normal = names::normal(typed);
  std::optional<Alias> found;
  fast::for_each_rule([&]<class Rule>() {
    for (const auto& alias : aliases::of_rule<Rule>)
      if (alias.typed == normal) found = Alias{alias, Rule::name};
  });
  return found;
}

bool names_a_rule(const std::string& typed) {
  return alias_of(typed) || names::find(typed, settings::rule_names()).has_value();
}

std::invalid_argument two_rules(const std::string& first, const std::string& second) {
  return std::invalid_argument(fmt::format("rule is given twice: {}, then {}", first, second));
}

/// Takes the rule out of the operands; "" where there is none.
std::string taken_rule(Subject& subject) {
  auto& operands = subject.operands;
  const auto& named_rules = subject.named_rules;
  if (named_rules.size() > 1) throw two_rules(named_rules[0], named_rules[1]);
  std::string typed;
  if (!named_rules.empty()) {
    typed = named_rules.front();
  } else if (!operands.empty()) {
    typed = operands.front();
    operands.erase(operands.begin());
  }
  if (!operands.empty() && !typed.empty() && names_a_rule(operands.front()))
    throw two_rules(typed, operands.front());
  return typed;
}

}  // namespace

void Subject::add_to(CLI::App& command) {
  command.add_option("OPERAND", operands);
  add_synonym(command, "--rule", "RULE", named_rules);
  add_synonym(command, "--convention", "CONVENTION", named_conventions);
  for (const auto& each : hyperparameters()) add_hyperparameter(command, given, each);
}

void Subject::resolve() {
  std::string typed = taken_rule(*this);
  conventions = operands;
  conventions.insert(conventions.end(), named_conventions.begin(), named_conventions.end());
  if (typed.empty()) return;
  if (const auto found = alias_of(typed)) {
    const auto& [alias, meant] = *found;
    const std::string name(alias.member);
    if (!name.empty()) {
      settings::add(given, name, settings::read_value(name, alias.value));
      implied = 1;
    }
    note = fmt::format("{} is {} here: {}.", alias.typed, meant, alias.here);
    typed = meant;
  }
  const auto known = settings::rule_names();
  rule = known[names::index_among(known, "rule", typed)];
}

void Subject::require_rule() const {
  if (rule.empty())
    throw std::invalid_argument(
        fmt::format("a rule is missing: one of {{{}}}", fmt::join(settings::rule_names(), ", ")));
}

std::string Subject::only_convention() const {
  if (conventions.size() > 1)
    throw std::invalid_argument(
        fmt::format("convention is given twice: {}, then {}; truestep compare takes several",
                    conventions[0], conventions[1]));
  return conventions.empty() ? "" : conventions.front();
}

}  // namespace truestep
