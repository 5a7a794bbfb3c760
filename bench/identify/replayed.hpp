// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "description.hpp"
#include "outcome.hpp"
#include "record.hpp"

/// Replays of a run by a description of whichever rule.
namespace truestep::identify {

/// With coefficients formed in one way; in double there is none to be seen but the usual.
Outcome replayed(const Description&, const Record&, Extent = Extent::until_it_fails,
                 const Coefficients& how = {});

/// The same; nothing where the user asked to stop.
std::optional<Outcome> replayed_unless_stopped(const Description&, const Record&,
                                               Extent = Extent::until_it_fails);

/// A replay with coefficients formed in the first way of any with which the run is consistent; in
/// double there is none to be seen but the usual one.
///
/// @param usual  what came of that one
Fit replayed_by_any(const Description&, const Record&, const Outcome& usual);
Fit replayed_by_any(const Description&, const Record&);

}  // namespace truestep::identify
