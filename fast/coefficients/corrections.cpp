// SPDX-License-Identifier: Apache-2.0
#include "corrections.hpp"

#include <truestep/fast/loop/targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE <truestep/fast/coefficients/corrections.cpp>
#include <hwy/foreach_target.h>

#include "corrections.inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace truestep::fast::HWY_NAMESPACE {
namespace {

// Flattened, so that what it calls is compiled for this target too.
[[gnu::flatten]] Corrections compiled_corrections(const std::array<double, 2>& base,
                                                  std::uint64_t n) {
  thread_local constinit RememberedCorrections remembered;
  return remembered(base, n);
}

CorrectionsFunction corrections_function() { return compiled_corrections; }

}  // namespace
}  // namespace truestep::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace truestep::fast {

HWY_EXPORT(corrections_function);

Corrections corrections(const std::array<double, 2>& base, std::uint64_t n) {
  CorrectionsFunction known = known_corrections.load(std::memory_order_relaxed);
  if (known == nullptr) [[unlikely]] {
    known = HWY_DYNAMIC_DISPATCH(corrections_function)();
    known_corrections.store(known, std::memory_order_relaxed);
  }
  return known(base, n);
}

}  // namespace truestep::fast
#endif
