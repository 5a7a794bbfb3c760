// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/equations.hpp>

namespace truestep {

/// proofs::equations, compiled where a rule's comparisons are: of all rules together they take one
/// compiler more than 1 GB.
template <class Rule>
proofs::Equations equations_of(const typename Rule::Hyperparameters& h);

}  // namespace truestep
