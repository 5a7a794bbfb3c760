// SPDX-License-Identifier: Apache-2.0

#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <map>
#include <optional>
#include <stdexcept>

#include "runs/aliases.hpp"
#include "runs/escaped.hpp"

namespace truestep {
namespace {

bool is_option(const std::string& argument) {
  return argument.size() > 2 && argument.starts_with("--");
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const auto& name : option->get_lnames()) names.push_back(name);
  return names;
}

/// The option that was meant by its name without dashes.
std::string option_name(const CLI::App& command, const std::string& typed) {
  auto known = option_names(command);
  if (const auto index = names::find(typed, known, aliases::hyperparameters)) return known[*index];
  for (auto& name : known) name.insert(0, "--");
  throw std::invalid_argument(fmt::format("--{} is not an option of {}{}", typed,
                                          command.get_name(),
                                          names::suggestion("--" + typed, known)));
}

/// The values that options had before.
class Seen {
 public:
  void add(const CLI::Option& option, const std::string& name, const std::string& value) {
    const auto [place, is_new] = values_.emplace(name, value);
    if (is_new || option.get_expected_max() > 1) return;
    const bool has_values = !value.empty() && !place->second.empty();
    throw std::invalid_argument(
        fmt::format("{} is given twice{}", name,
                    has_values ? fmt::format(": {}, then {}", place->second, value) : ""));
  }

 private:
  std::map<std::string, std::string> values_;
};

/// Throws std::invalid_argument where an option has no value, or a flag one that is none.
void require_value(const CLI::Option& option, const std::string& name, const std::string* typed) {
  if (option.get_items_expected_min() > 0 && typed == nullptr)
    throw std::invalid_argument(
        fmt::format("--{} lacks its value, {}", name, option.get_type_name()));
  const std::vector<std::string> of_flags{"false", "true"};
  if (option.get_items_expected_max() == 0 && typed != nullptr)
    names::index_among(of_flags, name, *typed);
}

/// A word of a shell. What is no letter is told by its number, which takes a shell that knows
/// $'...'.
std::string quoted_word(const std::string& word) {
  constexpr auto plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=,.:/@%^";
  if (!word.empty() && word.find_first_not_of(plain) == word.npos) return word;
  const bool has_others = visible(word) != word;
  std::string text;
  for (const char c : word)
    if (c == '\'')
      text += has_others ? "\\'" : "'\\''";
    else if (c == '\\' && has_others)
      text += "\\\\";
    else
      text += c;
  return (has_others ? "$'" + visible(text) : "'" + text) + "'";
}

}  // namespace

std::vector<std::string> normalised(const CLI::App& command,
                                    const std::vector<std::string>& arguments) {
  std::vector<std::string> result;
  Seen seen;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& argument = arguments[i];
    if (!is_option(argument)) {
      result.push_back(argument);
      continue;
    }
    const auto equals = argument.find('=');
    const std::string name = option_name(command, argument.substr(2, equals - 2));
    const CLI::Option& option = *command.get_option("--" + name);
    result.push_back("--" + name + (equals == argument.npos ? "" : argument.substr(equals)));
    // A value that an option cannot do without is its own, whatever it looks like.
    const bool takes_next =
        equals == argument.npos && option.get_items_expected_min() > 0 && i + 1 < arguments.size();
    if (takes_next) result.push_back(arguments[++i]);
    std::optional<std::string> value;
    if (takes_next) value = result.back();
    if (equals != argument.npos) value = argument.substr(equals + 1);
    require_value(option, name, value ? &*value : nullptr);
    seen.add(option, name, value.value_or(""));
  }
  return result;
}

std::string quoted(const std::vector<std::string>& arguments) {
  std::string all;
  for (const auto& argument : arguments) {
    all += (all.empty() ? "" : " ") + quoted_word(argument);
  }
  return all;
}

}  // namespace truestep
