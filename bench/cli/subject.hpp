// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runs/value.hpp"

namespace CLI {
class App;
}

namespace truestep {

/// What a command is about: a rule, conventions of it, and hyperparameters for all of them. Every
/// command takes these alike: RULE and CONVENTION are operands, or --rule and --convention; each
/// hyperparameter of any rule is an option under its name in the rule's description.
struct Subject {
  std::string rule;                      ///< its own name; "" for all
  std::vector<std::string> conventions;  ///< as typed: "pytorch,epsilon=1e-3"
  settings::Given given;
  std::size_t implied = 0;  ///< how many of these the rule's alias implies
  std::string note;         ///< what the rule's alias is here; "" for its own name

  /// As they are typed, until `resolve`.
  std::vector<std::string> operands, named_rules, named_conventions;

  void add_to(CLI::App& command);
  /// Takes the operands apart. Throws std::invalid_argument for a rule that there is not, and for
  /// two.
  void resolve();
  /// Throws std::invalid_argument where no rule is given.
  void require_rule() const;
  /// The convention of a command that takes one, "" where none is given. Throws
  /// std::invalid_argument for two.
  std::string only_convention() const;
};

}  // namespace truestep
