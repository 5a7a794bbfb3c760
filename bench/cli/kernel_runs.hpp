// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "check/examine.hpp"
#include "subject.hpp"

namespace truestep {

/// The runs by which a kernel is judged, alike in the commands that make them.
struct KernelRuns {
  Subject subject;
  std::string format = "float32";
  std::uint64_t seed = 1;
  std::size_t trials = 4;

  /// Adds --format, --seed and --trials; the subject adds its own options.
  void add_to(CLI::App&);
  /// Resolves the subject. Throws std::invalid_argument where a rule is missing or a value is bad.
  trial::Request request();
};

}  // namespace truestep
