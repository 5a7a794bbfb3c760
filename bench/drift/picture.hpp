// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "audit.hpp"

/// SVG, to stand inline on a page that sets the colour of text and axes.
namespace truestep::drift {

/// The largest and the median distance of a quantity from exact in each set-up, and the bound that
/// is proved of it, against the steps, all on one axis in the quantity's unit; of theta also the
/// distance of the nearest other conventions. "" where nothing is ever off.
std::string drift_picture(const Run& run, std::size_t quantity);

/// The shares of theta's drift that are shown: those of at least a hundredth of it, at most eight.
std::vector<Attribution::Share> shown_shares(const Reading& reading);

/// What these sources contribute to theta's drift; "" where there is none.
///
/// @param id_of  what a source is called on the page, to which its name leads; "" where nowhere
std::string attribution_picture(const Reading& reading, std::size_t colour,
                                const std::function<std::string(const std::string&)>& id_of);

/// The colour of a set-up, the same in all pictures.
std::string colour_of(std::size_t setup);

}  // namespace truestep::drift
