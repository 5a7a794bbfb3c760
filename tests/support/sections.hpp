// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "subject.hpp"

namespace truestep::test {

/// How much a section checks.
struct Effort {
  std::size_t coordinates = 1'000'000;
  /// Whether too few coordinates, or too few with teeth, fail the section.
  bool demanding = true;
  /// Whether the section on coefficients takes the 10^5 step numbers and decays that are most
  /// likely to fail besides its random ones.
  bool hard_coefficients = true;
  /// RapidCheck's seed; from RC_PARAMS, or random, if not given.
  std::optional<std::uint64_t> seed = {};
};

/// At least one in ten coordinates must have teeth: a radius of at most 64 u times the
/// magnitudes or, where no radius is involved, what the section needs to show anything.
inline constexpr std::size_t toothless_limit = 10;

// The sections of the suite, each a template over the subject, each able to stand alone.

/// 1. Answers from outside.
template <class T>
Outcome known_answers(const Subject<T>& subject, const Effort&);

/// 2. Every SIMD target equals the lane over T, bit for bit: all lengths up to seven vectors and
/// one, all misalignments, sentinels around the spans, any split. No tolerance.
template <class T>
Outcome equal_bits(const Subject<T>& subject, const Effort&);

/// 3. From any state with non-negative second moments and any gradient, every quantity that the
/// lane forms lies within its running-error radius of the reference.
template <class T>
Outcome one_step(const Subject<T>& subject, const Effort&);

/// 4. The same at every step of random, constant, alternating, sparse, decaying and exploding
/// gradients.
template <class T>
Outcome many_steps(const Subject<T>& subject, const Effort&);

/// 5. The states are weighted sums of what they accumulate: exactly over the rationals in the
/// reference, within the radius in the lane.
template <class T>
Outcome recurrences(const Subject<T>& subject, const Effort&);

/// 6. Each coefficient is its exact expression rounded once, for all t and all decays; where the
/// rule corrects a bias, a constant gradient comes out of the correction as it went in.
template <class T>
Outcome bias_correction(const Subject<T>& subject, const Effort&);

/// 7. Epsilon acts where the rule says: after a constant gradient, small or large against epsilon,
/// the denominator and the update have their closed form.
template <class T>
Outcome epsilon(const Subject<T>& subject, const Effort&);

/// 8. Exact symmetries, no tolerance: negation; powers of two by each quantity's unit; permutation.
template <class T>
Outcome symmetries(const Subject<T>& subject, const Effort&);

/// 9. The lane is the one about which constants were proved (proofs/bounds.json).
template <class T>
Outcome proved_lane(const Subject<T>& subject, const Effort&);

/// 10. Every quantity of one step lies within its proved constant of the reference, in u times what
/// the quantity would be if no sum cancelled. The theorem's hypotheses are checked for each
/// coordinate: a weight is at most 1/2 or exactly 1, no coefficient was lost to subnormals, nothing
/// overflowed or underflowed. Where they fail nothing is claimed, and the coordinate has no teeth.
template <class T>
Outcome proved_bounds(const Subject<T>& subject, const Effort&);

inline constexpr const char* section_names[] = {
    "",           "known answers", "equal bits",      "one step",
    "many steps", "recurrences",   "bias correction", "epsilon",
    "symmetries", "proved lane",   "proved bounds"};

/// Whether the section of that number says something of the rule.
template <class T>
bool applies(std::size_t number, const Subject<T>& subject) {
  constexpr std::size_t of_epsilon = 7;
  return number != of_epsilon || subject.constant_gradient;
}

/// The section of that number, 1 to 10; nothing where it does not apply to the rule.
template <class T>
std::optional<Outcome> run_section(std::size_t number, const Subject<T>& subject, const Effort&);

}  // namespace truestep::test
