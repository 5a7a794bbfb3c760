// SPDX-License-Identifier: Apache-2.0
#pragma once

// The SIMD targets that kernels are compiled for; before any header of Highway. The compiler's own
// instruction set is always among them. Not those where the length of a vector is unknown at
// compile time: a struct cannot hold one.
//
// SSSE3 is compiled where it is asked for alone: the processors that have it without SSE4 were made
// from 2006 to 2008 and take Highway's scalar target, where every target costs a fifth of the build.
#ifdef TRUESTEP_TARGETS
#define TRUESTEP_LEFT_OUT (~(TRUESTEP_TARGETS))
#else
#define TRUESTEP_LEFT_OUT HWY_SSSE3
#endif
#define HWY_DISABLED_TARGETS ((TRUESTEP_LEFT_OUT & ~HWY_BASELINE_TARGETS) | TRUESTEP_UNSIZED_TARGETS)
#define TRUESTEP_UNSIZED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
