// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "setup.hpp"

namespace truestep::drift {

/// A part of a set-up that has a format of its own.
struct Role {
  const char* name;
  Format Setup::*format;
  const char* what;
};

inline constexpr Role roles[] = {
    {"parameters", &Setup::parameters, "the parameters"},
    {"states", &Setup::states, "the states"},
    {"gradients", &Setup::gradients, "the gradients, when they are read"},
    {"coefficients", &Setup::coefficients, "the coefficients"},
    {"counter", &Setup::counter, "the step counter"},
    {"arithmetic", &Setup::arithmetic, "the result of each operation"}};

/// What is said of a set-up besides what all of it is in.
struct Changes {
  std::vector<std::pair<Format Setup::*, Format>> formats = {};
  std::optional<Format> master_weights = {};

  bool any() const { return !formats.empty() || master_weights; }
  /// A state that nothing is said of is kept like the parameters that the optimizer reads.
  void apply_to(Setup& setup) const;
};

/// A set-up that somebody trains in.
struct NamedSetup {
  const char* name;
  const char* roles;   ///< as they are typed, upon float
  const char* words;   ///< what it is
  const char* system;  ///< who trains so, and at which commit; "" where it is only a name
  const char* place;   ///< the file and symbol there
};

std::span<const NamedSetup> named_setups();

/// The set-up that is typed: the name of one, or of a format for what a model stores, then any
/// ROLE=VALUE that differ; or these alone, upon float. Throws std::invalid_argument.
Setup typed_setup(std::string_view typed);

/// What can be typed, for --explain.
std::string setups_explained();

}  // namespace truestep::drift
