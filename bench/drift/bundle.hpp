// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "block.hpp"

namespace truestep::drift {

/// The larger of two numbers in size, or NaN where one of them is.
inline double larger(double a, double b) {
  return std::isnan(a) || std::fabs(a) > std::fabs(b) ? std::fabs(a) : std::fabs(b);
}

/// Blocks that step together. No other shares a scale with one of them.
template <class Rule>
class Bundle {
 public:
  Bundle(std::span<Block<Rule>> blocks, const std::vector<Setup>& setups)
      : blocks_(blocks), setups_(setups) {
    for_each_scaled([&](std::size_t setup) {
      share_scales(setup);
      for (auto& block : blocks_) block.emulated(setup)->store_start();
    });
  }

  void step(const typename Rule::Hyperparameters& h, const Step<Rule>& step) {
    for (auto& block : blocks_) block.begin(h, step);
    for_each_scaled([&](std::size_t setup) {
      if (!step.scaling[setup].skipped) share_scales(setup);
    });
    for (auto& block : blocks_) block.finish(h, step);
  }

 private:
  template <class Call>
  void for_each_scaled(Call call) {
    for (std::size_t setup = 0; setup < setups_.size(); ++setup)
      if (setups_[setup].state_block > 0) call(setup);
  }

  /// Blocks share scales by their columns, wherever a bundle begins.
  void share_scales(std::size_t setup) {
    const std::size_t columns = setups_[setup].state_block;
    const std::size_t states = blocks_.front().emulated(setup)->states();
    for (std::size_t begin = 0, end = 0; begin < blocks_.size(); begin = end) {
      const auto scale_of = [&](std::size_t block) { return blocks_[block].first() / columns; };
      while (end < blocks_.size() && scale_of(end) == scale_of(begin)) ++end;
      const auto sharing = blocks_.subspan(begin, end - begin);
      for (std::size_t state = 0; state < states; ++state) {
        double largest = 0;
        for (auto& block : sharing)
          largest = larger(largest, block.emulated(setup)->largest_state(state));
        for (auto& block : sharing) block.emulated(setup)->scale_state(state, largest);
      }
    }
  }

  std::span<Block<Rule>> blocks_;
  const std::vector<Setup>& setups_;
};

}  // namespace truestep::drift
