// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "candidate.hpp"
#include "record.hpp"

/// Coordinates of one run that were made with numbers of their own.
namespace truestep::identify {

/// How all coordinates fit a candidate, each group of them with one number of its own.
struct Groups {
  std::size_t count = 0;  ///< none where they do not fit so
  std::string words = {};
};

Groups grouped(const Candidate&, const Record&);

}  // namespace truestep::identify
