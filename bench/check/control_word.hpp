// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cfenv>
#include <cstdint>
#include <string>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace truestep::trial {

/// What of the processor's state decides how arithmetic rounds, in this thread. What it has seen,
/// such as an inexact result, is left out.
struct ControlWord {
  std::uint32_t vector = 0;  ///< MXCSR, or FPCR
  std::uint32_t scalar = 0;  ///< the x87's

  friend bool operator==(const ControlWord&, const ControlWord&) = default;
};

inline ControlWord control_word() {
  ControlWord word;
#if defined(__SSE2__)
  constexpr std::uint32_t seen = 0x3f;
  word.vector = _mm_getcsr() & ~seen;
  std::uint16_t x87 = 0;
  asm volatile("fnstcw %0" : "=m"(x87));
  word.scalar = x87;
#elif defined(__aarch64__)
  std::uint64_t fpcr = 0;
  asm volatile("mrs %0, fpcr" : "=r"(fpcr));
  word.vector = static_cast<std::uint32_t>(fpcr);
#else
  word.vector = static_cast<std::uint32_t>(std::fegetround());
#endif
  return word;
}

/// What is other than it was, in words.
inline std::string difference(const ControlWord& was, const ControlWord& is) {
  const std::uint32_t changed = was.vector ^ is.vector;
  std::string all;
  const auto add = [&](const std::string& text) { all += (all.empty() ? "" : ", ") + text; };
#if defined(__SSE2__)
  const auto turned = [&](std::uint32_t bit) { return (is.vector & bit) != 0 ? " on" : " off"; };
  constexpr std::uint32_t flush = 0x8000, as_zero = 0x0040, rounding = 0x6000, masks = 0x1f80;
  if (changed & flush) add(std::string("flush-to-zero") + turned(flush));
  if (changed & as_zero) add(std::string("denormals-are-zero") + turned(as_zero));
  if (changed & rounding) add("another rounding mode");
  if (changed & masks) add("other exception masks");
  if (was.scalar != is.scalar) add("another x87 control word");
#else
  if (changed != 0 || was.scalar != is.scalar) add("another control word");
#endif
  return all;
}

}  // namespace truestep::trial
