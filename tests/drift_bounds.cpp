// SPDX-License-Identifier: Apache-2.0
// The drift theorems (proofs/theory/drift) on long runs: every state, and theta where a theorem
// has a constant for it, lies within its bound after each of 10^5 steps.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "facts/every_rule.hpp"
#include "support/each_rule.hpp"
#include "support/generate.hpp"
#include "support/report.hpp"
#include "support/suite.hpp"

namespace truestep::test {
namespace {

constexpr std::uint64_t last_step = 100'000;

/// Gradients of one coordinate over time, by the kinds that tell rounding errors apart: constant
/// ones let every error have the same sign.
template <class T>
class Gradients {
 public:
  explicit Gradients(std::uint64_t seed) : random_(seed), kind_(seed % 4) {
    constant_ = std::fabs(random_.ordinary<T>(0, 0));
  }
  T next() {
    switch (kind_) {
      case 0:
      case 1:
        return constant_;
      case 2:
        return random_.ordinary<T>(-8, 0);
      default:
        return random_.one_in(10) ? random_.ordinary<T>(0, 0) : T(0);
    }
  }
  static constexpr double largest = 2;

 private:
  Random random_;
  std::uint64_t kind_;
  T constant_;
};

/// Where a point has a state, or theta, which comes after the states.
std::size_t place(const Rule& rule, const std::string& name) {
  std::size_t s = 0;
  while (s < rule.states.size() && rule.states[s].name != name) ++s;
  if (s == rule.states.size() && name != "theta")
    throw std::out_of_range(rule.name + " keeps no " + name);
  return s;
}

template <class Number>
const Number& quantity(const Point<Number>& point, const Rule& rule, std::size_t place) {
  return place < rule.states.size() ? point.state[place] : point.theta;
}

/// A bound, made anew where something that it was made of is another: what it did not read of a run
/// makes no difference to it.
template <class T>
class LastBound {
 public:
  explicit LastBound(Bound<T> bound) : bound_(bound) {}

  const Real& at(const Format<T>& format, const Hyperparameters& h, const Run& run) {
    if (is_known_ && made_of_.is_read_alike(run)) return value_;
    made_of_.begin_as(run);
    value_ = bound_(format, h, made_of_);
    is_known_ = true;
    return value_;
  }

 private:
  Bound<T> bound_;
  Run made_of_;
  Real value_;
  bool is_known_ = false;
};

/// Runs the lane beside the reference, and after every step compares the quantities with their
/// bounds: "", or the circumstances in which one was first exceeded.
template <class T>
std::string first_excess(const Claims<T>& claims) {
  constexpr std::size_t coordinates = 8;
  const Subject<T>& subject = claims.subject;
  const Hyperparameters& h = claims.h;
  const Rule& rule = subject.rule;
  std::vector<Gradients<T>> gradients;
  std::vector<Point<T>> computed(coordinates);
  std::vector<Point<Real>> exact(coordinates);
  std::vector<Real> closest(claims.of.size());
  std::vector<Run> runs(coordinates, Run{Real(Gradients<T>::largest)});
  std::vector<T> largest_theta(coordinates);
  std::vector<LastBound<T>> bounds;
  std::vector<std::size_t> places;
  for (const auto& claim : claims.of) {
    bounds.emplace_back(claim.bound);
    places.push_back(place(rule, claim.quantity));
  }
  for (std::size_t i = 0; i < coordinates; ++i) gradients.emplace_back(i);

  const Format<T> format;
  Seen<T> seen;
  Seen<Real> exact_seen;
  for (std::uint64_t t = 1; t <= last_step; ++t) {
    const auto coefficients = subject.coefficients(h, t);
    const auto reference = subject.reference(h, t);
    for (std::size_t i = 0; i < coordinates; ++i) {
      const T g = gradients[i].next();
      const Point<T> before = computed[i];
      subject.lane(coefficients, computed[i], g, seen);
      reference(exact[i], Real(g), exact_seen);
      Run& run = runs[i];
      run.t = t;
      if (const T size = std::fabs(computed[i].theta); size > largest_theta[i]) {
        largest_theta[i] = size;
        run.largest_theta = Real(size);
      }
      for (std::size_t c = 0; c < claims.of.size(); ++c) {
        const Real& truth = quantity(exact[i], rule, places[c]);
        run.exact = truth;
        const Real& allowed = bounds[c].at(format, h, run);
        const Real error = abs(Real(quantity(computed[i], rule, places[c])) - truth);
        if (!(error <= allowed)) return describe<T>({rule, h, t, i, before, g});
        if (error > closest[c] * allowed) closest[c] = error / allowed;
      }
    }
  }
  for (std::size_t c = 0; c < claims.of.size(); ++c)
    std::cout << rule.name << " " << (sizeof(T) == 4 ? "float" : "double") << ", "
              << claims.of[c].quantity << ": " << coordinates * last_step
              << " coordinates within the proved drift, the closest at " << closest[c].str(3)
              << " of it\n";
  return "";
}

template <class R>
class DriftBounds : public testing::Test {
 protected:
  const Suite suite = Facts<R>::suite();
};
TYPED_TEST_SUITE(DriftBounds, EachRule, RuleName);

template <class T>
void expect_within(const std::vector<Claims<T>>& all) {
  EXPECT_FALSE(all.empty());
  for (const auto& claims : all) EXPECT_EQ(first_excess(claims), "");
}

TYPED_TEST(DriftBounds, HoldOverManyStepsInFloat) { expect_within(this->suite.drift.single); }
TYPED_TEST(DriftBounds, HoldOverManyStepsInDouble) { expect_within(this->suite.drift.twice); }

/// The states of a rule of whose drift nothing is claimed.
template <class T>
std::vector<std::string> unclaimed(const Claims<T>& claims) {
  std::vector<std::string> states;
  for (const auto& state : claims.subject.rule.states)
    if (std::none_of(claims.of.begin(), claims.of.end(),
                     [&](const Claim<T>& claim) { return claim.quantity == state.name; }))
      states.push_back(state.name);
  return states;
}

TYPED_TEST(DriftBounds, AreClaimedOfEachState) {
  const auto& [single, twice, unbounded] = this->suite.drift;
  EXPECT_EQ(unclaimed(single.front()), unbounded) << "tests/RULE.cpp: drift, Drift::unbounded";
  EXPECT_EQ(unclaimed(twice.front()), unbounded);
}

/// Whether a coefficient of a state or of theta was made in float.
bool is_made_in_float(const Fault& fault) {
  return fault.name.ends_with("formed in float") || fault.name.ends_with("rounded to float");
}

TYPED_TEST(DriftBounds, AreExceededByACoefficientMadeInFloat) {
  const auto& faults = this->suite.faults;
  EXPECT_TRUE(std::any_of(faults.begin(), faults.end(), is_made_in_float));
  for (const auto& fault : faults)
    if (is_made_in_float(fault)) {
      auto claims = this->suite.drift.twice.front();
      claims.subject = fault.faulty.twice;
      EXPECT_NE(first_excess(claims), "") << fault.name;
    }
}

/// Also where it reads a number only where another says so.
TEST(DriftBound, IsMadeAnewWhereAnythingThatItReadIsAnother) {
  static int made;
  made = 0;
  LastBound<float> bound(
      [](const Format<float>&, const Hyperparameters&, const test::Run& run) -> Real {
        ++made;
        const std::uint64_t t = run.t;
        if (t < 5) return t;
        const Real &exact = run.exact, &theta = run.largest_theta;
        return exact + theta;
      });
  const auto at = [&](std::uint64_t t, int exact, int theta) {
    return bound.at({}, {}, {Real(1), t, Real(exact), Real(theta)});
  };
  EXPECT_EQ(at(2, 10, 100), 2);
  EXPECT_EQ(at(2, 20, 200), 2);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(at(3, 20, 200), 3);
  EXPECT_EQ(at(5, 20, 200), 220);
  EXPECT_EQ(at(5, 21, 200), 221);
  EXPECT_EQ(at(5, 21, 201), 222);
  EXPECT_EQ(made, 5);
  EXPECT_EQ(at(5, 21, 201), 222);
  EXPECT_EQ(made, 5);
  EXPECT_EQ(at(2, 21, 201), 2);
}

/// Each of them.
TYPED_TEST(DriftBounds, AreExceededByDoublesKeptInFloat) {
  for (auto claims : this->suite.drift.twice) {
    claims.subject.lane = [lane = claims.subject.lane](const auto& coefficients, auto& point,
                                                       const double& g, auto& seen) {
      lane(coefficients, point, g, seen);
      point.theta = static_cast<float>(point.theta);
      for (double& state : point.state) state = static_cast<float>(state);
    };
    for (const auto& claim : claims.of)
      EXPECT_NE(first_excess<double>({claims.subject, claims.h, {claim}}), "") << claim.quantity;
  }
}

}  // namespace
}  // namespace truestep::test
