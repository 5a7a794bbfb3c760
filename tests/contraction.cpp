// SPDX-License-Identifier: Apache-2.0
/// The canary of -ffp-contract=off: says how often a * b + c was rounded in this file. It is
/// compiled once with the very flags of truestep_fast, and once with contraction switched on, to
/// show that these numbers would tell.

#include <cstdio>

namespace {

volatile double a = 1 + 0x1p-27, c = -(1 + 0x1p-26);  // a * a = 1 + 2^-26 + 2^-54

/// Contraction needs a fused instruction, which the x86 baseline does not have.
#ifdef __x86_64__
#define WITH_FMA [[gnu::target("fma")]]
bool can_fuse() { return __builtin_cpu_supports("fma"); }
#else
#define WITH_FMA
bool can_fuse() { return true; }
#endif

WITH_FMA double multiply_add(double x, double y, double z) { return x * y + z; }

}  // namespace

int main() {
  constexpr int skipped = 77;
  if (!can_fuse()) return skipped;
  std::puts(multiply_add(a, a, c) == 0 ? "rounded twice" : "rounded once");
}
