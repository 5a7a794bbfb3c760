// SPDX-License-Identifier: Apache-2.0
// The square root without the divider, over any number type that has * and, by argument-dependent
// lookup, fma and the helpers named below. No include guard: whoever includes it does so once in
// each of the namespaces that lanes/namespace.hpp tells of.
#include <truestep/fast/lanes/namespace.hpp>

TRUESTEP_BEFORE_LANES();
namespace truestep::fast::TRUESTEP_LANE_NAMESPACE {

/// What is made of a seed, an approximation of 1 / sqrt(x) of known relative error.
struct SeedUse {
  int lowered;     ///< by so many floating-point numbers, until it is certainly too small; or 0
  int iterations;  ///< of Newton, for the root
  int companions;  ///< in how many of them half the reciprocal root follows
};

/// The seed of AVX-512, whose relative error is below 2^-14.
template <class T>
inline constexpr SeedUse seed_of_14_bits{0, 1, 1};
template <>
inline constexpr SeedUse seed_of_14_bits<float>{1040, 0, 0};

/// The seed of SSE and AVX, whose relative error is at most 1.5 x 2^-12; for double, that of x
/// rounded to float, with 1.501 x 2^-12.
template <class T>
inline constexpr SeedUse seed_of_11_bits{0, 2, 1};
template <>
inline constexpr SeedUse seed_of_11_bits<float>{1 << 14, 1, 0};

/// sqrt(x), correctly rounded to nearest, from any seed within its error: which table a processor
/// has does not matter. x is finite, and so large that the square of its root's last place is not
/// below the smallest subnormal number; seed and result are where T is normal.
///
/// The known sequences (Markstein) end where q is made here, from an h as good as can be had. That
/// is right for many tables only: in float, one or more of 17 seeds spread over the permitted
/// 1.5 x 2^-12 make a wrong root of 14 of the 2^24 significands. Here q comes from below, on
/// purpose, so that one test of one neighbour decides; h then needs few digits, and what is saved
/// pays for the test.
///
/// Proof, in short; proofs/theory/arithmetic/RecordedRoots.v has it of what is written here, every
/// rounding counted. Let s = sqrt(x) be scaled to [1, 2), p the digits of T, u = 2^-p and ulp = 2 u.
///
/// 1. Before the last step, g = s (1 - a) and h = (1 - b) / (2 s) with a, b > u.
///    A lowered seed is (1 - e) / s, e in (2^-20, 3.04 x 2^-14) for 14 bits and in
///    (0.62, 2.38) x 2^-10 for 11, since the next number below is 2^-24 to 2^-23 less. Half of it
///    is exact, and x times it is rounded once.
///    An iteration turns 1 - e, in g and in h, into 1 - 3/2 e^2 + 1/2 e^3 - d within 2 u, where d
///    is 2^-40 in double and 0 in float; there, 3/2 e^2 is at least 8 u.
/// 2. x - g^2, rounded, is positive. Therefore the exact value of g + (x - g^2) h,
///      g + (s - g) (1 - a/2) (1 - b) (1 + c) with abs(c) <= u,
///    lies below s, and by less than s a (a/2 + b + u). For 14 bits, a (a/2 + b + u) is at most
///    0.87 u in float and 0.43 u in double, for 11 bits 0.33 u and 0.01 u. So it lies below s by
///    less than an ulp; by less than 0.87 u if s = 1, where the numbers below are u apart.
/// 3. Rounded to q, it is therefore the right root or the next number below that. Let `gap` be the
///    distance from q to the number above. That one is right if and only if s > q + gap/2, which
///    is x - q (q + gap) > gap^2 / 4. The left side is a multiple of gap^2: it has to be positive,
///    and the fused operation has its sign exactly.
///
/// Inexact may be raised where the root is exact, and no other flag that sqrt does not raise.
template <class T, SeedUse use, class Number>
[[gnu::always_inline]] inline Number square_root(const Number& x, const Number& seed) {
  const Number y = use.lowered == 0 ? seed : moved(seed, -use.lowered);
  Number g = x * y, h = halved(y);
  for (int i = 0; i < use.iterations; ++i) {
    const Number r = minus_product(constant(x, T(.5 - 0x1p-40)), g, h);  // float: 1/2
    g = fma(g, r, g);
    if (i < use.companions) h = fma(h, r, h);
  }
  const Number q = fma(minus_product(x, g, g), h, g);
  return raised_if_negative(q, product_minus(q, moved(q, 1), x));
}

}  // namespace truestep::fast::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();
