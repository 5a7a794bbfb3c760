// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sweep.hpp"

namespace truestep::test {

/// What a sweep found of one quantity from one situation, for the record.
struct Record {
  std::string rule;
  std::string slice;  ///< K/N: every Nth gradient from the Kth on, and those around powers of two
  std::string situation;
  Finding finding;
};

/// A line of tests/known_answers/exhaustive.txt, which truestep_exhaustive writes.
std::string line(const Record& record);

std::vector<Record> committed_records();

/// The committed line that says something else of the same quantity, situation and slice, or "".
std::string contradiction(const Record& found);

/// A figure as it is committed: four digits, or 0 where it is so small that double-doubles do not
/// have four digits of it.
std::string digits(double figure);

}  // namespace truestep::test
