// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "audit.hpp"

/// SVG, to stand inline on a page that sets the colour of text and axes.
namespace truestep::drift {

/// The largest and the median distance of a quantity from exact in each set-up, and the bound that
/// is proved of it, against the steps, all on one axis in the quantity's unit; of theta also the
/// distance of the nearest other conventions. "" where nothing is ever off.
std::string drift_picture(const Run& run, std::size_t quantity);

/// What the sources of at least a hundredth of theta's drift contribute to it, at most eight; ""
/// where there is none.
std::string attribution_picture(const Reading& reading, std::size_t colour);

/// The colour of a set-up, the same in all pictures.
std::string colour_of(std::size_t setup);

}  // namespace truestep::drift
