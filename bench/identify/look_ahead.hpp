// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace truestep::identify {

/// What no record tells of a rule that is, given its gradients, one map with another whose gradients
/// were taken at another point: the finding "look_ahead". Such a rule says so in the file of its
/// name; the others have null.
template <class Hyperparameters>
const char* what_no_record_tells(const Hyperparameters&) {
  return nullptr;
}

}  // namespace truestep::identify
