// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace truestep::drift {

/// Where some columns begin: with these parameters, and with these states or those that the rule
/// begins with.
class Beginning {
 public:
  Beginning(std::span<const double> theta) : theta_(theta) {}
  Beginning(const std::vector<double>& theta) : theta_(theta) {}
  /// @param states  all of them, in the rule's order
  /// @param first   the number of the first column
  Beginning(const std::vector<double>& theta, const std::vector<std::vector<double>>& states,
            std::size_t first)
      : theta_(theta), states_(states.begin(), states.end()), first_(first) {}

  /// That of some of the columns, by their numbers.
  Beginning of(std::size_t first, std::size_t count) const {
    Beginning some(theta_.subspan(first - first_, count));
    for (const auto& state : states_) some.states_.push_back(state.subspan(first - first_, count));
    return some;
  }

  bool has_states() const { return !states_.empty(); }
  std::size_t size() const { return theta_.size(); }
  std::span<const double> theta() const { return theta_; }
  /// A state.
  ///
  /// @param own  what the rule begins with
  std::vector<double> state(std::size_t index, double own) const {
    if (!has_states()) return std::vector<double>(size(), own);
    return {states_[index].begin(), states_[index].end()};
  }

 private:
  std::span<const double> theta_;
  std::vector<std::span<const double>> states_;
  std::size_t first_ = 0;
};

}  // namespace truestep::drift
