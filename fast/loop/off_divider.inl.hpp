// SPDX-License-Identifier: Apache-2.0
// Square roots of vectors off the divider, on x86 with AVX2 or AVX-512; once per target, as
// lanes/namespace.hpp says.

#if defined(TRUESTEP_FAST_LOOP_OFF_DIVIDER) == defined(HWY_TARGET_TOGGLE)
#ifdef TRUESTEP_FAST_LOOP_OFF_DIVIDER
#undef TRUESTEP_FAST_LOOP_OFF_DIVIDER
#else
#define TRUESTEP_FAST_LOOP_OFF_DIVIDER
#endif

#include <bit>
#include <cstddef>
#include <limits>
#include <type_traits>

#include "vector.inl.hpp"

#include "square_root.inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace truestep::fast::HWY_NAMESPACE {

/// A lane whose step has no root says so.
template <class Lane>
constexpr bool takes_root = !requires {
  requires !Lane::takes_root;
};

#if HWY_NATIVE_FMA && \
    (HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL)

/// The number that is so many floating-point numbers further from 0.
template <class D>
HWY_INLINE Lanes<D> moved(const Lanes<D>& a, hn::TFromD<hn::RebindToSigned<D>> steps) {
  const hn::RebindToSigned<D> bits;
  return {hn::BitCast(D(), hn::Add(hn::BitCast(bits, a.raw), hn::Set(bits, steps)))};
}
/// a / 2, by its exponent: integers are added where no multiplication waits.
template <class D>
HWY_INLINE Lanes<D> halved(const Lanes<D>& a) {
  using T = hn::TFromD<D>;
  using Integer = hn::TFromD<hn::RebindToSigned<D>>;
  return moved(a, -(Integer{1} << (std::numeric_limits<T>::digits - 1)));
}
template <class D>
HWY_INLINE Lanes<D> constant(const Lanes<D>&, hn::TFromD<D> value) {
  return {hn::Set(D(), value)};
}
/// c - a b, rounded once.
template <class D>
HWY_INLINE Lanes<D> minus_product(const Lanes<D>& c, const Lanes<D>& a, const Lanes<D>& b) {
  return {hn::NegMulAdd(a.raw, b.raw, c.raw)};
}
/// a b - c, rounded once.
template <class D>
HWY_INLINE Lanes<D> product_minus(const Lanes<D>& a, const Lanes<D>& b, const Lanes<D>& c) {
  return {hn::MulSub(a.raw, b.raw, c.raw)};
}
/// The number after q where x is negative, else q; q is positive.
template <class D>
HWY_INLINE Lanes<D> raised_if_negative(const Lanes<D>& q, const Lanes<D>& x) {
  const hn::RebindToUnsigned<D> bits;
  constexpr int sign = 8 * sizeof(hn::TFromD<D>) - 1;
  return {hn::BitCast(
      D(), hn::Add(hn::BitCast(bits, q.raw), hn::ShiftRight<sign>(hn::BitCast(bits, x.raw))))};
}

// The processor's approximation of 1 / sqrt(x), what it is good for, and the x it is taken of:
// those of [least, beyond). Below, squares underflow; float's exponents are too few for the rest.
#if HWY_TARGET == HWY_AVX2
template <class T>
constexpr SeedUse seed_use = seed_of_11_bits<T>;
template <class T>
constexpr T least = T(0x1p-100);
template <class T>
constexpr T beyond = T(0x1p100);

HWY_INLINE hn::Vec256<float> seed(hn::Vec256<float> x) {
  return hn::Vec256<float>{_mm256_rsqrt_ps(x.raw)};
}
HWY_INLINE hn::Vec256<double> seed(hn::Vec256<double> x) {
  return hn::Vec256<double>{_mm256_cvtps_pd(_mm_rsqrt_ps(_mm256_cvtpd_ps(x.raw)))};
}
#else
template <class T>
constexpr SeedUse seed_use = seed_of_14_bits<T>;
template <class T>
constexpr T least = T(sizeof(T) == 4 ? 0x1p-100 : 0x1p-900);
template <class T>
constexpr T beyond = std::numeric_limits<T>::infinity();

HWY_INLINE hn::Vec512<float> seed(hn::Vec512<float> x) {
  return hn::Vec512<float>{_mm512_rsqrt14_ps(x.raw)};
}
HWY_INLINE hn::Vec512<double> seed(hn::Vec512<double> x) {
  return hn::Vec512<double>{_mm512_rsqrt14_pd(x.raw)};
}
#endif

/// Whether all of x is in [least, beyond): as integers, and shifted so that everything else, NaN
/// and negative numbers included, compares as greater.
template <class D>
HWY_INLINE bool in_range(const Lanes<D>& x) {
  using T = hn::TFromD<D>;
  const hn::RebindToSigned<D> bits;
  using Signed = hn::TFromD<decltype(bits)>;
  using Unsigned = std::make_unsigned_t<Signed>;
  constexpr Unsigned lowest = Unsigned{1} << (8 * sizeof(T) - 1);
  constexpr Unsigned shift = lowest - std::bit_cast<Unsigned>(least<T>);
  constexpr Unsigned end = std::bit_cast<Unsigned>(beyond<T>) + shift;
  const auto shifted = hn::BitCast(bits, moved(x, static_cast<Signed>(shift)).raw);
  return hn::AllTrue(bits, hn::Lt(shifted, hn::Set(bits, static_cast<Signed>(end))));
}

/// Takes the divider's root where any element is out of range. It alone knows 0, infinity, NaN and
/// negative numbers. The branch comes first, so that they raise no flag here.
template <class D>
HWY_INLINE Lanes<D, true> sqrt(const Lanes<D, true>& a) {
  const Lanes<D> x{a.raw};
  if (!in_range(x)) [[unlikely]]
    return {hn::Sqrt(x.raw)};
  return {square_root<hn::TFromD<D>, seed_use<hn::TFromD<D>>>(x, Lanes<D>{seed(x.raw)}).raw};
}

/// Whether a lane's every second root is made off the divider. On AVX2 there are twice as
/// many instructions to a number, and with two states they no longer fit in the processor's window.
/// fast/README.md has the times measured, and those of what was tried instead.
template <class Lane, class T>
constexpr bool roots_off_divider = takes_root<Lane> &&
                                   (HWY_TARGET != HWY_AVX2 || Lane::states == 1);

#else
template <class Lane, class T>
constexpr bool roots_off_divider = false;
#endif

}  // namespace truestep::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
