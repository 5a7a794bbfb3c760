// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "runs/typed.hpp"

/// What is told of the rows of a rule's conventions.
namespace truestep {

template <class Rule>
using HyperparametersOf = typename Rule::Hyperparameters;

template <class Rule>
using ConventionOf = fast::Convention<HyperparametersOf<Rule>>;

/// The class of a row and what it is read from, in a sentence.
template <class H>
std::string source(const fast::Convention<H>& row) {
  const auto* const optimizer = row.optimizer();
  if (optimizer == nullptr) return std::string(row.words);
  std::string text = fmt::format("{} ({}): {}, {}", optimizer->name, optimizer->versions,
                                 optimizer->file, optimizer->symbol);
  if (!row.words.empty()) text += fmt::format("; {}", row.words);
  return text;
}

/// The same with the repository, the commit, how it is known, and what a reader has to know.
template <class H>
std::string whole_source(const fast::Convention<H>& row) {
  const auto* const optimizer = row.optimizer();
  if (optimizer == nullptr) return std::string(row.words);
  return fmt::format("{}; {} at {} ({}), {} on {}. {}", source(row), optimizer->repository,
                     optimizer->commit, optimizer->version, optimizer->established, optimizer->read,
                     optimizer->notes);
}

/// "NAME=VALUE" for each member in which two descriptions differ and that a table has no column
/// for.
template <class Rule>
std::vector<std::string> differences_beside_columns(const HyperparametersOf<Rule>& h,
                                                    const HyperparametersOf<Rule>& other) {
  std::vector<std::string> result;
  settings::for_each_member<HyperparametersOf<Rule>>([&](const auto& named) {
    const auto is_column = [&](const auto& column) {
      return std::string_view(column.name) == named.name;
    };
    const bool column =
        std::any_of(Rule::hyperparameters.begin(), Rule::hyperparameters.end(), is_column);
    if (h.*named.member != other.*named.member && !column)
      result.push_back(fmt::format("{}={}", named.name, settings::text(h.*named.member)));
  });
  return result;
}

/// All conventions of all rules, and what each class is read from, in Markdown, which is
/// fast/CONVENTIONS.md.
std::string conventions_page();

}  // namespace truestep
