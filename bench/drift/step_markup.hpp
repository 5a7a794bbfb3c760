// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "audit.hpp"
#include "spelled.hpp"

namespace truestep::drift {

/// How the set-ups of a run compute a step, as a page shows it: each operation, coefficient and
/// quantity has a name there to which sources of error lead.
class StepMarkup {
 public:
  /// @param number  of the run on the page
  StepMarkup(const Run& run, std::size_t number);

  std::string section() const;
  /// The name on the page of what a source of a reading is; "" where it stands in no line.
  std::string id_of(const Reading& reading, const std::string& source) const;
  /// A table of the shares that are shown, in words that lead to the lines; "" where there is none.
  std::string shares_in_words(const Reading& reading) const;

 private:
  /// "" where the reading has none.
  std::string prefix_of(const Reading& reading) const;
  std::string lines_of(std::size_t step) const;
  std::string words_of(const Reading& reading, const std::string& source) const;

  const Run& run_;
  std::size_t number_;
  std::vector<std::shared_ptr<const SpelledStep>> steps_;  ///< those that differ
};

}  // namespace truestep::drift
