// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "audit.hpp"

namespace truestep::drift {

/// Limits on what is reported, out of a text file such as
///
///     # rule  setup     quantity  figure            at most
///     *       float     theta     median_ulp        10
///     *       bfloat16  theta     largest_relative  0.05
///
/// A setup is named as in the report; * stands for every rule, setup or quantity; figures are the
/// columns of CSV. # begins a comment.
class Budget {
 public:
  /// Throws std::runtime_error naming the file and the line that is not such a limit.
  explicit Budget(const std::string& path);

  /// One line for each limit and series that exceeds it at some reported step, infinite and NaN
  /// included. Throws std::invalid_argument where a limit is about nothing that was run.
  std::vector<std::string> exceeded(std::span<const Run> runs) const;

 private:
  struct Limit {
    std::string rule, setup, quantity;
    std::size_t figure;
    double at_most;
    std::size_t line;
  };
  std::string path_;
  std::vector<Limit> limits_;
};

}  // namespace truestep::drift
