// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "any_rule.hpp"
#include "box_search.hpp"
#include "outcome.hpp"
#include "runs/given.hpp"

/// The conventions that a run is held to, each with what is known of it.
namespace truestep::identify {

/// What a convention makes of the run at the numbers that suit it best.
struct Attempt {
  Description h;
  Outcome outcome = {};
  std::vector<std::string> estimated = {};  ///< names of the numbers that are not the convention's
  Ranges ranges = {};                       ///< where numbers lie that were looked for
};

struct Candidate {
  std::string name;
  settings::Given known;
  Attempt attempt;
  Description with_places = attempt.h;    ///< weight decay in its place even while there is none
  std::vector<std::string> unknown = {};  ///< numbers of every version that are not known
  std::vector<std::string> further = {};  ///< those that the class has besides
  std::vector<std::string> told = {};     ///< numbers that the class has, and that are known
  std::optional<Coefficients> habit = {};
  std::string refusal = {};  ///< why the convention cannot take the numbers given
  bool is_lacking = false;   ///< it is refused whatever the numbers of its class are
  settings::Chosen chosen = {};
  End end = End::open;
  bool by_further = false;  ///< fits with numbers of the class that were not told, not with its own

  bool consistent() const {
    return refusal.empty() && end == End::fits && attempt.outcome.teeth > 0;
  }
  bool excluded() const { return refusal.empty() && end == End::excluded; }
  bool open() const { return refusal.empty() && end == End::open; }
  bool shows_nothing() const {
    return refusal.empty() && end == End::fits && attempt.outcome.teeth == 0;
  }
};

/// Whether weight decay has a place in a description.
bool has_weight_decay(const Description&);

/// The conventions that are asked for, or all, each with what is known of it.
std::vector<Candidate> candidates_for(const AnyRule& rule, const Options& options,
                                      const Record& run);

/// Each class with its own options that are not as by default, in all their combinations.
std::vector<Candidate> switched(const AnyRule& rule, const Options& options, const Record& run);

}  // namespace truestep::identify
