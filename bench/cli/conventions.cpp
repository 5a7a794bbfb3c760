// SPDX-License-Identifier: Apache-2.0
#include "conventions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "runs/escaped.hpp"

namespace truestep {
namespace {

/// Whether a row has a kernel, its options apart.
template <class H>
const char* kernel(H h) {
  if (fast::without_lane(h) != nullptr) return "no";
  if (h.weight_decay_place != fast::WeightDecay::none) h.weight_decay = 1;
  return fast::without_lane(h) == nullptr ? "yes" : "without weight decay";
}

/// The sources of a row; its class may be null.
void add_sources(ConventionRow& row, const fast::OptimizerClass* optimizer) {
  row.source = row.whole_source = row.words;
  if (optimizer == nullptr) return;
  row.source = fmt::format("{} ({}): {}, {}", optimizer->name, optimizer->versions, optimizer->file,
                           optimizer->symbol);
  if (!row.words.empty()) row.source += fmt::format("; {}", row.words);
  row.whole_source = fmt::format("{}; {} at {} ({}), {} on {}. {}", row.source,
                                 optimizer->repository, optimizer->commit, optimizer->version,
                                 optimizer->established, optimizer->read, optimizer->notes);
}

template <class Rule>
Conventions conventions_of() {
  Conventions all{Rule::name, {}, {}};
  for (const auto& column : Rule::hyperparameters) all.columns.emplace_back(column.name);
  for (const auto& each : fast::conventions_of<typename Rule::Hyperparameters>) {
    ConventionRow row{each.name,
                      each.class_name,
                      each.options,
                      each.words,
                      {},
                      {},
                      kernel(each.hyperparameters),
                      members_of(each.hyperparameters)};
    add_sources(row, each.optimizer());
    all.rows.push_back(std::move(row));
  }
  return all;
}

std::string markdown(const Conventions& conventions) {
  std::string text = fmt::format("## {}\n\n| convention | class |", conventions.rule),
              rules = "|---|---|";
  for (const auto& column : conventions.columns) {
    text += fmt::format(" {} |", column);
    rules += "---|";
  }
  text += fmt::format(" otherwise than in {} | options | kernel |\n{}---|---|---|\n",
                      conventions.rows.front().convention, rules);
  for (const auto& row : conventions.rows) {
    const std::string between = row.class_name.empty() || row.words.empty() ? "" : "; ";
    text += fmt::format("| {} | {} |", row.convention,
                        in_cell(fmt::format("{}{}{}", row.class_name, between, row.words)));
    for (const auto& column : conventions.columns) text += fmt::format(" {} |", row.text(column));
    text += fmt::format(" {} | {} | {} |\n", fmt::join(conventions.beside_columns(row), " "),
                        in_cell(row.options), row.kernel);
  }
  return text + "\n";
}

}  // namespace

std::string ConventionRow::text(std::string_view member) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& each) { return each.name == member; });
  return settings::text_of(found->value);
}

std::vector<std::string> Conventions::beside_columns(const ConventionRow& row) const {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < row.members.size(); ++i) {
    const auto& [name, value] = row.members[i];
    const bool has_column = std::find(columns.begin(), columns.end(), name) != columns.end();
    if (!has_column && row.members[i] != rows.front().members[i])
      result.push_back(fmt::format("{}={}", name, settings::text_of(value)));
  }
  return result;
}

Conventions conventions_of(std::string_view rule) {
  Conventions result;
  settings::with_rule(rule, [&]<class Rule>(Rule) { result = conventions_of<Rule>(); });
  return result;
}

std::vector<Conventions> conventions_of_all() {
  std::vector<Conventions> all;
  settings::for_each_rule([&]<class Rule>(Rule) { all.push_back(conventions_of<Rule>()); });
  return all;
}

std::string conventions_page() {
  std::string text =
      "# Conventions\n\n"
      "By `truestep rules --markdown`. A row is an optimizer class of a system, in the versions\n"
      "that the second part names; a bare system's name means the class of its row. Numbers are\n"
      "the class's public defaults, or the lecture note's where the class has none. An option is "
      "a\n"
      "switch of the class and what it sets here. A kernel is that of the row as it stands, with\n"
      "weight decay or without; an option may have none. Without a kernel, the reference, "
      "`compare`\n"
      "and `identify` work.\n\n";
  for (const auto& each : conventions_of_all()) text += markdown(each);
  text +=
      "## Sources\n\n| class | versions | read | at | file | known | notes |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const auto& each : fast::optimizer_classes)
    text += fmt::format("| {} | {} | {} | {} {} | {}, {} | {}, {} | {} |\n", each.name,
                        in_cell(each.versions), each.repository, each.version,
                        each.commit.substr(0, 12), in_cell(each.file), in_cell(each.symbol),
                        each.established, each.read, in_cell(each.notes));
  return text;
}

}  // namespace truestep
