// SPDX-License-Identifier: Apache-2.0
#include "certified.hpp"

namespace truestep::test {

using reference::Real;

/// Half an ulp of low; all of a power that underflows.
CertifiedPower::CertifiedPower(const Real& x, const Real& n) {
  const Real power = pow(x, n);
  high = static_cast<double>(power);
  low = static_cast<double>(Real(power - high));
  radius = 2 * Certified::u * Certified::u * high + std::numeric_limits<double>::min();
}

}  // namespace truestep::test
