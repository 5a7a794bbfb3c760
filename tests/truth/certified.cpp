#include "certified.hpp"

namespace truestep::test {

Certified pow(Certified x, Certified n) {
  using reference::Real;
  const Real power = pow(Real(x), Real(n));
  const auto high = static_cast<double>(power);
  const auto low = static_cast<double>(Real(power - high));
  const bool exact = x.radius == 0 && n.radius == 0;
  // Half an ulp of low, or all of a power that underflows.
  const double radius = 2 * Certified::u * Certified::u * high + std::numeric_limits<double>::min();
  return {high, low, exact ? radius : std::numeric_limits<double>::infinity()};
}

}  // namespace truestep::test
