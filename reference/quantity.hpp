// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

namespace truestep::reference {

/// A quantity that a step of a formula shows. Each formula lists its own, theta last; a convention
/// that does not use a state returns it as it was.
template <class Step, class Real>
struct Quantity {
  const char* name;
  Real Step::*member;
  bool state = false;  ///< kept for the next step
};

}  // namespace truestep::reference
