// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit.hpp"

namespace truestep::drift {

/// What is to be thought of a set-up, the worse the later.
enum class Verdict { safe, drifts, loses_updates, strays, breaks };
/// In the order of Verdict.
inline constexpr std::string_view verdict_names[] = {"safe", "drifts", "loses_updates", "strays",
                                                     "breaks"};

/// When a verdict falls. A set-up breaks where theta or a state becomes infinite or NaN.
struct Criteria {
  /// It loses updates where at least so many of theta's moves did not move it, and half of theta is
  /// off by more than so much of itself. In float and double moves are lost too, where a gradient
  /// has faded away; nothing is then the worse for it. Where what rounding took is kept beside
  /// theta, or theta is rounded at random, none is.
  double lost = 0.01, off = 1e-3;
  /// It drifts where half of theta is off by more than so much of itself, whatever moved.
  double drift = 0.01;
  /// It strays where the farthest coordinate of theta is off by more than so many times its reach
  /// (Farthest). A coordinate that had never moved, or had been set to 0, would be off by its reach
  /// at most: beyond 1 training has left it worse than no training had.
  double far = 1;
};

/// Criteria of NAME=VALUE,... Throws std::invalid_argument.
Criteria typed_criteria(std::string_view typed);

/// What is to be thought of a set-up in one run.
Verdict verdict_on(const Run& run, std::size_t reading, const Criteria& criteria);

/// The same in words: "drifts: half of theta is off by 0.02 of itself or more."
///
/// @param where  what is said of the run, "" where there is no other
std::string sentence_on(const Run& run, std::size_t reading, Verdict verdict,
                        const std::string& where = {});

/// "loses updates".
std::string words_of(Verdict verdict);

struct Judgement {
  std::size_t reading;  ///< in every run
  std::string setup;
  Verdict verdict;
  const Run* run;        ///< in which it is worst
  std::string sentence;  ///< what is so there
  bool is_asked_for;     ///< not float or double, which every audit has
};

/// The judgements on all set-ups, and by what they were judged.
struct Judgements {
  Criteria criteria;
  std::vector<Judgement> of_setups;

  Verdict worst() const;
  /// What is worth saying: the verdicts on what was asked for, and those on float and double that
  /// are not safe.
  std::vector<std::string> sentences() const;
  /// The set-up that is safe in the fewest bytes, beside those that are not or take more; "" where
  /// there is no choice.
  std::string recommendation() const;
};

/// Each set-up, in the order of the readings, by the run in which it is worst.
Judgements judged(std::span<const Run> runs, const Criteria& criteria);

/// When a verdict falls, for --explain.
std::string criteria_explained(const Criteria& criteria);

}  // namespace truestep::drift
