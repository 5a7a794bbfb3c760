// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__SSE__) || defined(_M_X64)
#include <xmmintrin.h>
#elif !defined(__aarch64__)
#include <cfenv>
#endif

#include <cstdint>

namespace truestep::fast {

/// Round to nearest with gradual underflow while it lives, whatever the caller had set; afterwards
/// the caller's setting again. Exception flags raised meanwhile stay raised, and the caller's
/// choice of trapped exceptions stays in force.
///
/// A program linked with -ffast-math starts with subnormals flushed to zero; it too must get the
/// bits that were verified.
class IeeeEnvironment {
 public:
  IeeeEnvironment() : saved_(read()) {
    if ((saved_ & control) != 0) write(saved_ & ~control);
  }
  ~IeeeEnvironment() {
    if ((saved_ & control) != 0) write((read() & ~control) | (saved_ & control));
  }
  /// Whether there is nothing to set.
  static bool prevails() { return (read() & control) == 0; }

  IeeeEnvironment(const IeeeEnvironment&) = delete;
  IeeeEnvironment& operator=(const IeeeEnvironment&) = delete;

 private:
  using Register = std::uint64_t;
#if defined(__SSE__) || defined(_M_X64)
  /// Flush to zero, rounding control, denormals are zero.
  static constexpr Register control = 0x8000 | 0x6000 | 0x0040;
  static Register read() { return _mm_getcsr(); }
  static void write(Register value) { _mm_setcsr(static_cast<unsigned>(value)); }
#elif defined(__aarch64__)
  /// Flush to zero, rounding mode.
  static constexpr Register control = Register{1} << 24 | Register{3} << 22;
  static Register read() {
    Register value;
    asm volatile("mrs %0, fpcr" : "=r"(value)::"memory");
    return value;
  }
  static void write(Register value) { asm volatile("msr fpcr, %0" ::"r"(value) : "memory"); }
#else
  /// Rounding direction alone: flush to zero has no portable name, nor has every machine the mode.
  static constexpr Register control = ~Register{0};
  static Register read() { return static_cast<Register>(std::fegetround() ^ FE_TONEAREST); }
  static void write(Register value) { std::fesetround(static_cast<int>(value) ^ FE_TONEAREST); }
#endif
  Register saved_;
};

}  // namespace truestep::fast
