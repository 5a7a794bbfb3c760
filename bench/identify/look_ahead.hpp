// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace truestep::identify {

/// Of a rule that is, given its gradients, one map with another whose gradients were taken at
/// another point: what no record tells, for the finding "look_ahead". Those that are such a rule
/// say so in the file of their name; the others have null.
template <class Hyperparameters>
const char* what_no_record_tells(const Hyperparameters&) {
  return nullptr;
}

}  // namespace truestep::identify
