// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "drift.hpp"
#include "sections.hpp"
#include "subject.hpp"

namespace truestep::test {

/// A rule in both number types.
struct Pair {
  Subject<float> single;
  Subject<double> twice;
};

/// One coordinate on which a fault shows: in what the lane or the reference gives, in a
/// coefficient, or in a kernel run over `count` copies of it.
struct Witness {
  Hyperparameters h;
  std::uint64_t t;
  Point<double> point;
  double gradient;
  std::size_t count = 1;
};

/// A mistake planted in one statement of a rule, for the suite to catch.
struct Fault {
  std::string name;
  std::string where;  ///< lane, coefficients, kernel or reference
  Pair faulty;
  Witness witness;
};

/// The shipped rule with one alteration, made to both number types.
template <class Alter>
Fault plant(const Pair& shipped, const std::string& name, const std::string& where, Alter alter,
            const Witness& witness) {
  Fault fault{name, where, shipped, witness};
  alter(fault.faulty.single);
  alter(fault.faulty.twice);
  return fault;
}

// The alterations. Each is a generic callable on a Subject<float> or Subject<double>.

template <class Lane>
constexpr auto with_lane = [](auto& subject) { use_lane<Lane>(subject); };

/// The coefficients as the callable computes them: (shipped function, hyperparameters, t).
template <class Change>
auto with_coefficients(Change change) {
  return [change](auto& subject) {
    subject.coefficients = [change, shipped = subject.coefficients](const Hyperparameters& h,
                                                                    std::uint64_t t) {
      return change(shipped, h, t);
    };
  };
}

/// One coefficient formed in float from float hyperparameters, (float hyperparameters) to float.
template <class Formula>
auto with_float_coefficient(std::size_t index, Formula formula) {
  return with_coefficients([=](auto& shipped, const Hyperparameters& h, std::uint64_t t) {
    std::array<float, max_hyperparameters> rounded;
    std::transform(h.begin(), h.end(), rounded.begin(),
                   [](double x) { return static_cast<float>(x); });
    auto coefficients = shipped(h, t);
    coefficients[index] = formula(rounded);
    return coefficients;
  });
}

/// Another reference: a function of hyperparameters and t.
template <class Reference>
auto with_reference(Reference reference) {
  return [reference](auto& subject) { subject.reference = reference; };
}

/// The kernel without the coordinates past the last whole vector of `vector` elements.
inline auto without_tail(std::size_t vector) {
  return [vector](auto& subject) {
    subject.kernel = [vector, shipped = subject.kernel](const auto& h, auto t, auto theta,
                                                        auto state, auto gradient) {
      const std::size_t whole = theta.size() / vector * vector;
      shipped(h, t, theta.first(whole), first(state, whole), gradient.first(whole));
    };
  };
}

/// Whether anything about the two differs on the witness, in either number type.
bool differs(const Pair& shipped, const Fault& fault);

/// Runs a section at full effort in both number types, prints what it checked, and fails the
/// GoogleTest test that calls it if the section does not hold.
void expect_section(std::size_t number, const Pair& pair);

/// 11. NaN, infinities, t = 0 and past 2^63, empty, unequal and overlapping spans, hyperparameters
/// outside their domain, zero denominators, the caller's rounding direction and flushing of
/// subnormals: stated behaviour, and nothing changed on an error.
void expect_edges(const Pair& pair);

/// A rule, the faults that its file plants, and what is claimed of its drift.
struct Suite {
  Pair shipped;
  std::vector<Fault> faults;
  Drift drift;
};

/// That of each rule, Facts<Rule>::suite().
std::vector<Suite> suites();

/// sum over i of decay^(n - 1 - i) term(i), i = 0 .. n - 1.
template <class Number, class Term>
Number weighted_sum(const Number& decay, std::size_t n, Term term) {
  Number sum = 0, weight = 1;
  for (std::size_t i = n; i-- > 0; weight *= decay) sum += weight * term(i);
  return sum;
}

}  // namespace truestep::test
