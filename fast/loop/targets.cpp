// SPDX-License-Identifier: Apache-2.0
#include <truestep/fast/target.hpp>

#include <cstdint>
#include <stdexcept>

#include <truestep/fast/rules.hpp>

#include "kernels.hpp"
#include "targets.hpp"

#include <hwy/highway.h>

namespace truestep::fast {
namespace {

/// The bits of the compiled targets that this processor has. The static target is what the compiler
/// may assume everywhere, so it belongs to them even where Highway's detection leaves it out. They
/// are asked for once: in a virtual machine each question to the processor takes microseconds.
std::int64_t supported() {
  static const std::int64_t bits = (HWY_SUPPORTED_TARGETS | HWY_STATIC_TARGET) & HWY_TARGETS;
  return bits;
}

/// The lowest bit set: Highway numbers its targets from the best down.
std::int64_t best(std::int64_t targets) { return targets & -targets; }

std::int64_t& in_use() {
  static std::int64_t bit = best(supported());
  return bit;
}

/// Has everything that was compiled per target asked for once more.
void forget() {
  for_each_rule([]<class Rule>() {
    using H = typename Rule::Hyperparameters;
    known_kernels<float, H>.store(nullptr, std::memory_order_relaxed);
    known_kernels<double, H>.store(nullptr, std::memory_order_relaxed);
  });
  known_corrections.store(nullptr, std::memory_order_relaxed);
}

}  // namespace

std::vector<std::string> targets() {
  std::vector<std::string> names;
  for (std::int64_t rest = supported(); rest != 0; rest -= best(rest))
    names.push_back(hwy::TargetName(best(rest)));
  return names;
}

std::string target() { return hwy::TargetName(in_use()); }

void use_target(std::string_view name) {
  std::string known;
  for (std::int64_t rest = supported(); rest != 0; rest -= best(rest)) {
    const std::int64_t bit = best(rest);
    if (name == hwy::TargetName(bit)) {
      in_use() = bit;
      // With a single target there is no table to choose from.
#if (HWY_TARGETS & (HWY_TARGETS - 1)) != 0
      hwy::GetChosenTarget().Update(bit);
#endif
      forget();
      return;
    }
    known += (known.empty() ? "" : ", ") + std::string(hwy::TargetName(bit));
  }
  throw std::invalid_argument("target = " + std::string(name) + " is not one of {" + known + "}");
}

}  // namespace truestep::fast
