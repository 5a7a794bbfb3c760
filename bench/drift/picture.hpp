// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "audit.hpp"

/// SVG drawn by gnuplot, to stand inline on a page that sets the colour of text and axes.
namespace truestep::drift {

/// Throws std::runtime_error, which says what to install, where gnuplot is missing.
void require_gnuplot();

/// The largest and the median error of a quantity in each set-up, and their radius, against the
/// step, all in ulp; "" where nothing is ever off.
///
/// @param name  unique on the page
std::string drift_picture(const Run& run, std::size_t quantity, const std::string& name);

/// What the sources of at least a hundredth of theta's drift contribute to it, at most eight; ""
/// where there is none.
std::string attribution_picture(const Reading& reading, std::size_t colour,
                                const std::string& name);

/// The colour of a set-up, the same in all pictures.
std::string colour_of(std::size_t setup);

}  // namespace truestep::drift
