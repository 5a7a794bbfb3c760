// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runs/typed.hpp"

/// What is told of the rows of a rule's conventions.
namespace truestep {

/// A member of a rule's hyperparameters, with its value.
struct Member {
  std::string_view name;
  settings::Value value;

  bool operator==(const Member&) const = default;
};

template <class Hyperparameters>
std::vector<Member> members_of(const Hyperparameters& h) {
  std::vector<Member> members;
  settings::for_each_member<Hyperparameters>([&](const auto& named) {
    members.push_back({named.name, h.*named.member});
  });
  return members;
}

/// A convention without its rule's type, so that what is told of it is compiled once and not for
/// every rule.
struct ConventionRow {
  std::string_view convention, class_name, options, words;
  std::string source;        ///< its class and what that is read from, in a sentence
  std::string whole_source;  ///< the same with repository, commit, how it is known, and notes
  std::string_view kernel;   ///< whether it has one: "yes", "no", "without weight decay"
  std::vector<Member> members;

  /// As it is typed.
  std::string text(std::string_view member) const;
};

/// The conventions of a rule; a table of them has columns for some members.
struct Conventions {
  std::string_view rule;
  std::vector<std::string_view> columns;
  std::vector<ConventionRow> rows;

  /// "NAME=VALUE" for each member in which a row differs from the first and that has no column.
  std::vector<std::string> beside_columns(const ConventionRow&) const;
};

/// Finds those of the rule of that name. Throws std::invalid_argument if there is none.
Conventions conventions_of(std::string_view rule);
std::vector<Conventions> conventions_of_all();

/// All conventions of all rules, and what each class is read from, in Markdown, which is
/// fast/CONVENTIONS.md.
std::string conventions_page();

}  // namespace truestep
