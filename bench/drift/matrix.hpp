// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "audit.hpp"
#include "verdict.hpp"

namespace truestep::drift {

/// What is said of a run, with an arrow that no line breaks.
std::string marked_up(const std::string& text);

/// A number to read, and in full for those who reckon with it; empty where there is none.
std::string data(double x);

/// The first table of the page, one cell below the other where the window is narrow. Of one run it
/// has a line for each set-up, of several a line for each run.
std::string matrix_section(std::span<const Run> runs, const Criteria& criteria);

}  // namespace truestep::drift
