// SPDX-License-Identifier: Apache-2.0
// The number type that a lane sees on a SIMD target; once per target, as lanes/namespace.hpp says.

#if defined(TRUESTEP_FAST_LOOP_VECTOR) == defined(HWY_TARGET_TOGGLE)
#ifdef TRUESTEP_FAST_LOOP_VECTOR
#undef TRUESTEP_FAST_LOOP_VECTOR
#else
#define TRUESTEP_FAST_LOOP_VECTOR
#endif

#include <cmath>
#include <cstddef>

#include "targets.hpp"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace truestep::fast::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// A vector with the arithmetic of one number. Its roots may be made off the divider, the one unit
/// that both divides and takes roots, and that all rules with a root wait for.
template <class D, bool off_divider = false>
struct Lanes {
  hn::Vec<D> raw;
};

template <class D, bool off>
HWY_INLINE Lanes<D, off> operator+(const Lanes<D, off>& a, const Lanes<D, off>& b) {
  return {hn::Add(a.raw, b.raw)};
}
template <class D, bool off>
HWY_INLINE Lanes<D, off> operator-(const Lanes<D, off>& a, const Lanes<D, off>& b) {
  return {hn::Sub(a.raw, b.raw)};
}
template <class D, bool off>
HWY_INLINE Lanes<D, off> operator*(const Lanes<D, off>& a, const Lanes<D, off>& b) {
  return {hn::Mul(a.raw, b.raw)};
}
template <class D, bool off>
HWY_INLINE Lanes<D, off> operator/(const Lanes<D, off>& a, const Lanes<D, off>& b) {
  return {hn::Div(a.raw, b.raw)};
}
template <class D, bool off>
HWY_INLINE Lanes<D, off> operator-(const Lanes<D, off>& a) {
  return {hn::Neg(a.raw)};
}

// Ne is ordered on some targets: false for NaN.
template <class D, bool off>
HWY_INLINE Lanes<D, off> maximum(const Lanes<D, off>& a, const Lanes<D, off>& b) {
  return {
      hn::IfThenElse(hn::Or(hn::Lt(a.raw, b.raw), hn::Not(hn::Eq(b.raw, b.raw))), b.raw, a.raw)};
}
template <class D, bool off>
HWY_INLINE Lanes<D, off> at_least_zero(const Lanes<D, off>& x) {
  const auto zero = hn::Zero(D());
  return {hn::IfThenElse(hn::Lt(x.raw, zero), zero, x.raw)};
}
template <class D, bool off>
HWY_INLINE Lanes<D, off> where_positive(const Lanes<D, off>& x, const Lanes<D, off>& value) {
  return {hn::IfThenElseZero(hn::Gt(x.raw, hn::Zero(D())), value.raw)};
}

#if HWY_NATIVE_FMA
template <class D, bool off>
HWY_INLINE Lanes<D, off> fma(const Lanes<D, off>& a, const Lanes<D, off>& b,
                             const Lanes<D, off>& c) {
  return {hn::MulAdd(a.raw, b.raw, c.raw)};
}
template <class D, bool off>
HWY_INLINE Lanes<D, off> decay(const Lanes<D, off>& weight, const Lanes<D, off>& value) {
  return {hn::NegMulAdd(weight.raw, value.raw, value.raw)};
}
#else
// Highway's MulAdd rounds twice on a target without the instruction; the C library's fma, one
// number at a time, rounds once everywhere.
template <class D, bool off>
HWY_INLINE Lanes<D, off> fma(const Lanes<D, off>& a, const Lanes<D, off>& b,
                             const Lanes<D, off>& c) {
  const D d;
  constexpr std::size_t size = hn::MaxLanes(D());
  HWY_ALIGN hn::TFromD<D> x[size], y[size], z[size];
  hn::Store(a.raw, d, x);
  hn::Store(b.raw, d, y);
  hn::Store(c.raw, d, z);
  for (std::size_t i = 0; i < size; ++i) z[i] = std::fma(x[i], y[i], z[i]);
  return {hn::Load(d, z)};
}
template <class D, bool off>
HWY_INLINE Lanes<D, off> decay(const Lanes<D, off>& weight, const Lanes<D, off>& value) {
  return fma(-weight, value, value);
}
#endif

template <class D>
HWY_INLINE Lanes<D> sqrt(const Lanes<D>& a) {
  return {hn::Sqrt(a.raw)};
}

}  // namespace truestep::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
