// SPDX-License-Identifier: Apache-2.0
#pragma once

// The SIMD targets that kernels are compiled for; before any header of Highway. The compiler's own
// instruction set is always among them. Not those where the length of a vector is unknown at
// compile time: a struct cannot hold one.
#ifdef TRUESTEP_TARGETS
#define HWY_DISABLED_TARGETS (~((TRUESTEP_TARGETS) | HWY_BASELINE_TARGETS) | TRUESTEP_UNSIZED_TARGETS)
#else
#define HWY_DISABLED_TARGETS TRUESTEP_UNSIZED_TARGETS
#endif
#define TRUESTEP_UNSIZED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
