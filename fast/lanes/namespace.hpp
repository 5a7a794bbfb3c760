// SPDX-License-Identifier: Apache-2.0
// Where the text of a *.lane.hpp stands, and what else is compiled once per SIMD target. No include
// guard: each text includes this before it opens its namespace.
//
// A function takes the instruction set of the namespace that it is compiled in. So the same text is
// read several times in a translation unit: first in truestep::fast::lane, for plain numbers, which
// is all that a file without Highway sees and all that an editor shows; then, where Highway goes
// through its targets (hwy/foreach_target.h), in each target's namespace.
//
// TRUESTEP_LANE_TOGGLE is defined and undefined in turn, as Highway's own toggle is, from one such
// namespace to the next. A text whose guard is defined where the toggle is has not been read there.

#undef TRUESTEP_LANE_TOGGLE
#undef TRUESTEP_LANE_NAMESPACE
#undef TRUESTEP_BEFORE_LANES
#undef TRUESTEP_AFTER_LANES

#ifdef HWY_TARGET
#ifndef HWY_TARGET_TOGGLE
#define TRUESTEP_LANE_TOGGLE
#endif
#define TRUESTEP_LANE_NAMESPACE HWY_NAMESPACE
#define TRUESTEP_BEFORE_LANES() HWY_BEFORE_NAMESPACE()
#define TRUESTEP_AFTER_LANES() HWY_AFTER_NAMESPACE()
#else
#define TRUESTEP_LANE_NAMESPACE lane
#define TRUESTEP_BEFORE_LANES() static_assert(true)
#define TRUESTEP_AFTER_LANES() static_assert(true)
#endif
