// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#if TRUESTEP_HAVE_MPFR
#include <boost/multiprecision/gmp.hpp>
#endif

namespace truestep::test {

/// In which sums, products and quotients are exact: GMP's, which is faster, where CMake found it
/// with MPFR.
#if TRUESTEP_HAVE_MPFR
using RationalBackend = boost::multiprecision::gmp_rational;
#else
using RationalBackend = boost::multiprecision::cpp_rational::backend_type;
#endif
using Rational = boost::multiprecision::number<RationalBackend, boost::multiprecision::et_off>;

}  // namespace truestep::test
