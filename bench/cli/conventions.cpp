// SPDX-License-Identifier: Apache-2.0
#include "conventions.hpp"

#include <fmt/ranges.h>

#include "runs/escaped.hpp"

namespace truestep {
namespace {

/// Whether a row has a kernel, its options apart.
template <class H>
const char* has_kernel(H h) {
  if (fast::without_lane(h) != nullptr) return "no";
  if (h.weight_decay_place != fast::WeightDecay::none) h.weight_decay = 1;
  return fast::without_lane(h) == nullptr ? "yes" : "without weight decay";
}

template <class Rule>
std::string markdown() {
  const auto& conventions = fast::conventions_of<HyperparametersOf<Rule>>;
  std::string text = fmt::format("## {}\n\n| convention | class |", Rule::name),
              rules = "|---|---|";
  for (const auto& column : Rule::hyperparameters) {
    text += fmt::format(" {} |", column.name);
    rules += "---|";
  }
  text += fmt::format(" otherwise than in {} | options | kernel |\n{}---|---|---|\n",
                      conventions.front().name, rules);
  for (const auto& row : conventions) {
    const std::string between = row.class_name.empty() || row.words.empty() ? "" : "; ";
    text += fmt::format("| {} | {} |", row.name,
                        in_cell(fmt::format("{}{}{}", row.class_name, between, row.words)));
    for (const auto& column : Rule::hyperparameters)
      text += fmt::format(" {} |", settings::text(row.hyperparameters.*column.member));
    const auto otherwise =
        differences_beside_columns<Rule>(row.hyperparameters, conventions.front().hyperparameters);
    text += fmt::format(" {} | {} | {} |\n", fmt::join(otherwise, " "), in_cell(row.options),
                        has_kernel(row.hyperparameters));
  }
  return text + "\n";
}

}  // namespace

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
  settings::for_each_rule([&]<class Rule>(Rule) { text += markdown<Rule>(); });
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
