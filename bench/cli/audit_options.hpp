// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drift/setups.hpp"
#include "drift/verdict.hpp"
#include "output.hpp"
#include "source.hpp"
#include "subject.hpp"

namespace CLI {
class App;
}

namespace truestep {

/// What is typed after `truestep audit`.
struct AuditOptions {
  Subject subject;
  Source source;
  Output output;
  bool closed_loop = false, details = false, markdown = false;
  bool first_look = false, in_digits = false;
  std::optional<std::pair<std::size_t, std::size_t>> columns;
  std::string part_path;
  std::vector<std::string> merged;
  std::string states_path;
  std::string html_path, junit_path, budget_path;
  std::uint64_t first_step = 1;
  drift::Criteria criteria;
  /// The least bad verdict that ends with 1; none where nothing does.
  std::optional<drift::Verdict> fails_on = drift::Verdict::breaks;

  std::vector<drift::Setup> typed;
  std::vector<drift::Format> formats;
  drift::Changes changes;
  bool kahan = false, saturate = false;
  drift::Rounding rounding = drift::Rounding::nearest_even;
  std::uint64_t seed = 0;

  /// One for each --setup, then one for each --format, with what the other options change in it;
  /// float's where they alone say that there is a set-up.
  std::vector<drift::Setup> setups() const;
  /// Throws std::invalid_argument where there is one of that name.
  void add_typed(const drift::Setup& setup);

  void add_to(CLI::App& command);
};

/// What --explain prints.
std::string audit_explanation();

}  // namespace truestep
