// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "drift/report.hpp"
#include "output.hpp"

namespace truestep {

/// What a page says of its making, but for how it is made again: the date of SOURCE_DATE_EPOCH, and
/// then nothing that another run would not say again; or else today's, and the machine.
///
/// Throws std::invalid_argument where SOURCE_DATE_EPOCH is not a number of seconds.
drift::Provenance provenance();

/// Paths without what lies above the folder in which the program was called.
class RelativePaths {
 public:
  /// Takes the paths of files, and of the program.
  explicit RelativePaths(const std::vector<NamedFile>& files);

  /// A text in which none of them is absolute.
  std::string in(std::string text) const;

 private:
  std::vector<std::pair<std::string, std::string>> shorter_;  ///< the longest first
};

}  // namespace truestep
