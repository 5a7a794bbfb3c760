// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <truestep/proofs/statements.hpp>

#include "runs/class_options.hpp"

/// Runs of optimizer classes as known_answers/classes.csv has them, and what the table of
/// conventions makes of each: a row with the class's options and numbers.
namespace truestep::test::classes {

using Texts = std::vector<std::string>;

inline Texts split(std::string_view text, std::string_view between) {
  Texts parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(between), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + between.size(), text.size()));
  }
  return parts;
}

/// What stands on either side of a mark.
inline std::pair<std::string, std::string> halves(const std::string& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string::npos) return {text, ""};
  return {text.substr(0, at), text.substr(at + 1)};
}

inline double number(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) throw std::invalid_argument(text + " is no number");
  return value;
}

/// Sets a member by its name to what is typed. False if the rule has no such member.
template <class H>
bool set(H& h, const std::string& name, const std::string& typed) {
  bool found = false;
  fast::for_each_member<typename H::Rule>([&](const auto& member) {
    if (name != member.name) return;
    found = true;
    auto& value = h.*member.member;
    using Value = std::remove_reference_t<decltype(value)>;
    if constexpr (fast::is_number<Value>) {
      value = static_cast<Value>(number(typed));
    } else {
      std::size_t i = 0;
      while (i < fast::count_of<Value> && fast::word(static_cast<Value>(i)) != typed) ++i;
      if (i == fast::count_of<Value>) throw std::invalid_argument(name + " = " + typed);
      value = static_cast<Value>(i);
    }
  });
  return found;
}

template <class H>
double value_of(const H& h, const std::string& name) {
  double value = 0;
  fast::for_each_number<typename H::Rule>([&](const auto& each) {
    if (name == each.name) value = static_cast<double>(h.*each.member);
  });
  return value;
}

/// A run of an optimizer class as classes.csv has it.
struct Run {
  std::string class_name, rule, options, numbers;
  std::vector<double> gradients;
  Texts theta;
};

inline std::vector<Run> runs() {
  std::ifstream file(TRUESTEP_KNOWN_ANSWERS "/classes.csv");
  std::vector<Run> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    Texts field(1);
    for (const char c : line)
      if (c == ',')
        field.emplace_back();
      else
        field.back() += c;
    if (field[5] == "1") {
      all.push_back({field[0], field[1], field[2], field[3], {}, {}});
      for (const auto& g : split(field[4], " ")) all.back().gradients.push_back(number(g));
    }
    all.back().theta.push_back(field[6]);
  }
  return all;
}

/// Why the table does not say what a run does; empty where it does.
template <class H>
std::string left_out(const Run& run) {
  const auto has = [](const std::string& text, const std::string& part) {
    const auto parts = split(text, " ");
    return std::find(parts.begin(), parts.end(), part) != parts.end();
  };
  // A class may be two rules by its switch, and is listed under both with either value.
  if constexpr (requires(H h) { h.first_buffer; }) {
    constexpr bool is_nesterov = requires(H h) { h.nesterov; };
    if (has(run.options, is_nesterov ? "nesterov=false" : "nesterov=true"))
      return "it is another rule, and stands there";
  }
  if (has(run.options, "rate_given=false") && run.numbers.starts_with("learning_rate="))
    return "a rate is given";
  return "";
}

/// The size of the batch by which a class divides what it is given: the sum of the gradients, and
/// with it weight decay.
inline double batch_of(const std::string& options) {
  for (const auto& option : split(options, " "))
    if (const auto [name, typed] = halves(option, '='); name == "batch_size") return number(typed);
  return 1;
}

template <class H>
const fast::Convention<H>* row_of(const std::string& class_name) {
  for (const auto& row : fast::conventions_of<H>)
    if (row.class_name == class_name) return &row;
  return nullptr;
}

/// A row with the numbers of a run, its options, and the class's defaults for all others.
template <class H>
H hyperparameters(const fast::Convention<H>& row, const Run& run) {
  H h = row.hyperparameters;
  const auto options = settings::class_options(row.options);
  std::map<std::string, std::string> renamed, numbers;
  for (const auto& [name, member] : options.renamed) renamed.emplace(name, member);
  for (const auto& each : split(row.optimizer()->numbers, " ")) numbers.insert(halves(each, '='));
  for (const auto& each : split(run.numbers, " ")) {
    const auto [name, typed] = halves(each, '=');
    numbers[name] = typed;
  }
  for (const auto& [name, typed] : numbers) {
    if (typed.empty()) continue;
    const auto value = numbers.contains(typed) ? numbers[typed] : typed;
    const auto member = renamed.contains(name) ? renamed[name] : name;
    if (!set(h, member, value)) throw std::invalid_argument(run.class_name + " has no " + member);
  }
  const auto chosen = split(run.options, " ");
  const auto is_chosen = [&](const settings::NameAndText& wanted) {
    const auto its = std::string(wanted.first) + "=" + std::string(wanted.second);
    return std::find(chosen.begin(), chosen.end(), its) != chosen.end();
  };
  for (const auto& setting : options.settings)
    if (std::all_of(setting.where.begin(), setting.where.end(), is_chosen))
      for (const auto& [name, typed] : settings::assignments(setting.assignments))
        if (!set(h, std::string(name), std::string(typed)))
          throw std::invalid_argument(row.options.data());
  h.weight_decay /= batch_of(run.options);
  for (const auto& [member, name] : options.tied) {
    std::ostringstream exact;
    exact.precision(17);
    exact << value_of(h, std::string(name));
    set(h, std::string(member), exact.str());
  }
  return h;
}

}  // namespace truestep::test::classes
