// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/multiprecision/cpp_bin_float.hpp>
#if TRUESTEP_HAVE_MPFR
#include <boost/multiprecision/mpfr.hpp>
#endif

#include <cstdint>
#include <limits>

namespace truestep::reference {

/// 50 decimal digits without any library besides Boost; the second opinion where MPFR is found.
using BinaryReal =
    boost::multiprecision::number<boost::multiprecision::cpp_bin_float_50::backend_type,
                                  boost::multiprecision::et_off>;

/// The number type in which a rule is evaluated unless the user chooses another: 50 decimal digits,
/// by MPFR (three times as fast, correctly rounded) where CMake found it.
#if TRUESTEP_HAVE_MPFR
using Real = boost::multiprecision::number<
    boost::multiprecision::mpfr_float_backend<50, boost::multiprecision::allocate_stack>,
    boost::multiprecision::et_off>;
#else
using Real = BinaryReal;
#endif

/// x^n: by the number type's own power where it is a floating-point type, else exactly.
template <class Number>
Number power(const Number& x, std::uint64_t n) {
  if constexpr (!std::numeric_limits<Number>::is_exact) {
    return pow(x, Number(n));
  } else {
    Number product = 1;
    for (Number square = x; n != 0; n >>= 1, square *= square)
      if (n & 1) product *= square;
    return product;
  }
}

}  // namespace truestep::reference
