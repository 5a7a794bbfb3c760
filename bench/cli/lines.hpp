// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/rules.hpp>

#include <string>
#include <utility>
#include <vector>

#include "transcript.hpp"

namespace truestep::cli {

using Strings = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Command lines that are about one rule: lines/RULE.hpp. Where it has none of a kind, that is
/// empty.
struct RuleLines {
  Strings of_before = {};           ///< lines of old, which go on working
  std::vector<Strings> alike = {};  ///< lines that do the same
  Pairs twice = {};                 ///< lines that give something twice, and the complaint
  Pairs meant = {};                 ///< lines with a slip of the finger, and part of the question
  Pairs refused = {};  ///< an option that no command takes for the rule, and the complaint
  Pairs aliases = {};  ///< lines that call the rule otherwise, and part of the note
  std::vector<std::pair<std::string, int>> ended = {};  ///< lines, and their exit status
  Strings printed = {};                                 ///< lines whose tables fit a terminal
};

template <class Rule>
RuleLines rule_lines();

/// Those of all rules.
template <class Kind>
Kind all_lines(Kind RuleLines::*kind) {
  Kind all;
  fast::for_each_rule([&]<class Rule>() {
    const auto lines = rule_lines<Rule>().*kind;
    all.insert(all.end(), lines.begin(), lines.end());
  });
  return all;
}

}  // namespace truestep::cli
