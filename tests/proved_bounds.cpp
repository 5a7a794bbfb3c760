// SPDX-License-Identifier: Apache-2.0
// The tie between the lanes and the theorems: proofs/bounds.json holds what was proved, and the
// hash of what it was proved about.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/altered.hpp"
#include "support/generate.hpp"
#include "support/proved_lane.hpp"
#include "support/suite.hpp"
#include "support/worst_cases.hpp"

namespace truestep::test {
namespace {

const Suite& suite_of(const std::string& rule) {
  static const auto all = suites();
  return *std::find_if(all.begin(), all.end(),
                       [&](const Suite& suite) { return suite.shipped.single.rule.name == rule; });
}

class ProvedBounds : public testing::TestWithParam<std::string> {
 protected:
  const Suite& suite = suite_of(GetParam());
};

TEST_P(ProvedBounds, AreAboutTheLaneThatRuns) { expect_section(9, suite.shipped); }

TEST_P(ProvedBounds, HoldFromAnyState) { expect_section(10, suite.shipped); }

/// Every slip that the rule's own file plants into its lane moves a hash, and the message says
/// whose.
TEST_P(ProvedBounds, AreNotAboutALaneWithASlip) {
  const std::string& rule = GetParam();
  std::size_t slips = 0;
  for (const auto& fault : suite.faults) {
    if (fault.where != "lane") continue;
    ++slips;
    const auto outcome = *run_section(9, fault.faulty.single, {});
    EXPECT_FALSE(outcome.held) << rule << ": " << fault.name;
    EXPECT_TRUE(outcome.report.starts_with(rule)) << outcome.report;
    EXPECT_NE(outcome.report.find("theorem " + rule), std::string::npos) << outcome.report;
  }
  EXPECT_GE(slips, 3u) << rule;
}

INSTANTIATE_TEST_SUITE_P(, ProvedBounds,
                         testing::Values("momentum", "nag", "adagrad", "adadelta", "rmsprop",
                                         "adam"),
                         [](const auto& rule) { return rule.param; });

/// What of a recorded lane is not what the theorems are about, with the theorems' names.
std::string moved(const proofs::Recording& recording) {
  const std::string& lane = recording.inputs.lane;
  std::string report;
  for (const auto& [quantity, value] : recording.quantities)
    for (const char* format : {"binary32", "binary64", "fp16", "bfloat16"}) {
      const auto& bound = proofs::bound_of(lane, quantity, format);
      if (bound.hash == value.hash()) continue;
      report +=
          text(lane, " ", quantity, ": ",
               bound.proved() ? text("theorem ", bound.theorem, " is")
                              : text("what is said of it in ", format, ", no theorem, is"),
               " about another lane than this one\n  hash of what was proved about  ", bound.hash,
               "\n  hash of what the lane shows     ", value.hash(), ": ", value.term(), "\n");
    }
  return report;
}

/// Whether a lane stores what it shows under the names of its states, and last.
void expect_shown_is_stored(const proofs::Recording& recording) {
  const auto& quantities = recording.quantities;
  const std::string& lane = recording.inputs.lane;
  EXPECT_EQ(recording.theta.term(), quantities.back().value.term()) << lane;
  for (std::size_t s = 0; s < recording.states.size(); ++s) {
    const std::string& name = recording.inputs.states[s].name();
    const auto shown = std::find_if(quantities.begin(), quantities.end(),
                                    [&](const auto& quantity) { return quantity.name == name; });
    ASSERT_NE(shown, quantities.end()) << lane << " " << name;
    EXPECT_EQ(recording.states[s].term(), shown->value.term()) << lane << " " << name;
  }
}

TEST(EveryForm, IsTheLaneThatWasProvedAbout) {
  std::size_t recorded = 0, bounds = 0;
  for_each_recorded_lane([&]<class Lane>() {
    const auto recording = proofs::record<Lane>(proofs::inputs<Lane>());
    EXPECT_EQ(moved(recording), "");
    if (Lane::states > 0) expect_shown_is_stored(recording);
    ++recorded;
    bounds += 4 * recording.quantities.size();
  });
  EXPECT_EQ(recorded, proofs::recorded_lanes().size());
  EXPECT_EQ(bounds, std::size(proofs::bounds)) << "proofs/bounds.json speaks of other lanes too";
}

/// Each operation of each lane, altered in turn, moves a hash, and the message says whose.
TEST(EveryForm, IsAnotherLaneWithAnyOperationAltered) {
  std::size_t alterations = 0;
  for_each_recorded_lane([&]<class Lane>() {
    const auto inputs = proofs::inputs<Lane>();
    for (int operation = 0;; ++operation, ++alterations) {
      Altered::operations_left = operation;
      const auto report = moved(proofs::record<Lane, Altered>(inputs));
      if (Altered::operations_left >= 0) break;
      EXPECT_TRUE(report.starts_with(inputs.lane)) << inputs.lane << ", operation " << operation;
      EXPECT_NE(report.find("theorem"), std::string::npos) << report;
    }
  });
  EXPECT_GE(alterations, 300u);
}

/// Whether a lane with weight decay is the weight decay, then the lane on what it decayed.
template <class Whole, class Lane, fast::WeightDecay place>
bool is_composed_of(const proofs::Inputs& inputs) {
  using Alone = proofs::WeightDecayAlone<place>;
  const auto whole = proofs::record<Whole>(inputs);
  const auto decay = proofs::record<Alone>(proofs::inputs<Alone>());
  auto decayed = proofs::inputs<Lane>();
  (place == fast::WeightDecay::gradient ? decayed.gradient : decayed.theta) =
      decay.quantities[0].value;
  const auto rest = proofs::record<Lane>(decayed);
  auto expected = decay.quantities;
  expected.insert(expected.end(), rest.quantities.begin(), rest.quantities.end());
  return whole.states == rest.states && whole.theta == rest.theta &&
         std::equal(
             whole.quantities.begin(), whole.quantities.end(), expected.begin(), expected.end(),
             [](const auto& a, const auto& b) { return a.name == b.name && a.value == b.value; });
}

template <class Lane, fast::WeightDecay place>
void expect_composed(std::type_identity<fast::lane::Decayed<Lane, place>>) {
  using Whole = fast::lane::Decayed<Lane, place>;
  const auto inputs = proofs::inputs<Whole>();
  EXPECT_TRUE((is_composed_of<Whole, Lane, place>(inputs)))
      << inputs.lane << " is not what the theorems of weight decay and of the lane together say";
}

TEST(EveryForm, WithWeightDecayIsWeightDecayThenTheLane) {
  std::size_t decayed = 0;
  proofs::for_each_lane<fast::lane::All>([&]<class Lane>() {
    if constexpr (proofs::is_decayed<Lane>) {
      expect_composed(std::type_identity<Lane>());
      ++decayed;
    }
  });
  // Two of a form's three lanes decay; those that decay the sum, and the look-ahead, are alone.
  EXPECT_EQ(3 * decayed, 2 * (std::tuple_size_v<fast::lane::All> - 1 - fast::AdagradForm::count));
}

/// Shows what a lane with weight decay shows, and steps without.
struct ForgetsTheDecay {
  using Shipped = fast::lane::Decayed<fast::lane::Adam, fast::WeightDecay::gradient>;
  static constexpr std::size_t coefficients = Shipped::coefficients, states = Shipped::states;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    Number undecayed = theta;
    auto forgotten = state;
    Shipped::step(coefficient, undecayed, forgotten, gradient, observe);
    std::array<Number, fast::lane::Adam::coefficients> inner;
    std::copy_n(coefficient.begin(), inner.size(), inner.begin());
    fast::lane::Adam::step(inner, theta, state, gradient, fast::Unobserved());
  }
};

TEST(EveryForm, WithForgottenWeightDecayIsAnotherLane) {
  EXPECT_FALSE((is_composed_of<ForgetsTheDecay, fast::lane::Adam, fast::WeightDecay::gradient>(
      proofs::inputs<ForgetsTheDecay::Shipped>())));
}

/// A number for an input of a lane, mostly moderate.
template <class T>
T drawn(Random& random, proofs::Range range) {
  if (random.one_in(16)) return 0;
  const int width = random.one_in(8) ? 40 : 12;
  const T x = random.ordinary<T>(-width, range == proofs::Range::unit_interval ? -1 : width);
  return range == proofs::Range::any ? x : std::fabs(x);
}

/// Takes steps of a lane from random states and returns what exceeds a constant.
/// @param share  what the lane's coefficients have over those that it is compared at
template <class Lane, class T>
std::string beyond_the_constants(const Real& share, std::size_t steps, Outcome& tally) {
  const ProvedStep<Lane, T> proved(Against::rounded_coefficients);
  const auto& inputs = proved.inputs();
  Random random(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    Coefficients<T> coefficients{};
    Coefficients<Real> exact{};
    Point<T> before{};
    for (std::size_t c = 0; c < inputs.coefficients.size(); ++c) {
      coefficients[c] = drawn<T>(random, inputs.coefficients[c].range());
      exact[c] = Real(coefficients[c]) * share;
    }
    for (std::size_t s = 0; s < inputs.states.size(); ++s)
      before.state[s] = drawn<T>(random, inputs.states[s].range());
    before.theta = drawn<T>(random, inputs.theta.range());
    const T gradient = drawn<T>(random, inputs.gradient.range());
    if (!proved.hypotheses(coefficients, exact)) continue;
    const auto report = proved.excess(coefficients, exact, before, gradient, tally);
    if (!report.empty()) return report;
  }
  return "";
}

TEST(EveryForm, IsWithinItsConstantsAtItsOwnCoefficients) {
  constexpr std::size_t steps = 10'000;
  for_each_recorded_lane([&]<class Lane>() {
    const std::string lane = proofs::inputs<Lane>().lane;
    Outcome single, twice;
    EXPECT_EQ((beyond_the_constants<Lane, float>(1, steps, single)), "");
    EXPECT_EQ((beyond_the_constants<Lane, double>(1, steps, twice)), "");
    EXPECT_GE(single.teeth, steps / 4) << lane;
    EXPECT_GE(twice.teeth, steps / 4) << lane;
  });
}

/// Coefficients that are 64 u off are more than any constant allows.
TEST(EveryForm, IsNotWithinItsConstantsAtOtherCoefficients) {
  for_each_recorded_lane([&]<class Lane>() {
    const std::string lane = proofs::inputs<Lane>().lane;
    Outcome tally;
    const auto report =
        beyond_the_constants<Lane, float>(1 + 64 * Real(unit_roundoff<float>), 10'000, tally);
    EXPECT_TRUE(report.starts_with(lane)) << lane << ": " << report;
    EXPECT_NE(report.find("by theorem "), std::string::npos) << report;
  });
}

/// The recorder sees signs through squares, quotients and decays: what it says may be negative is
/// what can be.
TEST(Expression, KnowsWhatCannotBeNegative) {
  std::string non_negative;
  proofs::for_each_lane<fast::lane::Seed>([&]<class Lane>() {
    const auto recording = proofs::record<Lane>(proofs::inputs<Lane>());
    for (const auto& [name, value] : recording.quantities)
      if (value.non_negative()) non_negative += recording.inputs.lane + " " + name + ", ";
  });
  EXPECT_EQ(non_negative,
            "adagrad sum, adagrad denominator, adadelta s, adadelta rate, adadelta u, rmsprop s, "
            "rmsprop sigma, adam v, adam denominator, ");
}

/// Where the worst cases do not show that a constant says something: that an input attains seven
/// tenths of it at least, at the lane's own coefficients.
std::string unattained(const std::vector<WorstCase>& worst_cases,
                       const std::vector<ProvedQuantity>& quantities) {
  std::string report;
  for (const auto& quantity : quantities) {
    const WorstCase* found = find(worst_cases, quantity);
    const Real constant(std::string(quantity.bound.rounding_constant));
    const Real error(found == nullptr ? "0" : found->attained);
    if (error <= constant && 10 * error >= 7 * constant) continue;
    report += text(quantity.lane, " ", quantity.name, ": theorem ", quantity.bound.rounding_theorem,
                   found == nullptr   ? " has no worst case"
                   : error > constant ? " is contradicted by " + line(*found)
                                      : " is far from " + line(*found),
                   "\n");
  }
  return report;
}

TEST(WorstCases, ComeNearEveryProvedConstant) {
  EXPECT_EQ(unattained(committed_worst_cases(), proved_quantities()), "");
}

TEST(WorstCases, AttainWhatTheySay) {
  for (const auto& found : committed_worst_cases())
    EXPECT_EQ(attained(found), found.attained) << line(found);
}

TEST(WorstCases, AreOneForEachExpression) {
  std::vector<std::string> expected, committed;
  for (const auto& quantity : distinct(proved_quantities()))
    expected.push_back(quantity.lane + " " + quantity.name);
  for (const auto& found : committed_worst_cases())
    committed.push_back(found.lane + " " + found.quantity);
  EXPECT_EQ(committed, expected);
}

TEST(WorstCases, AreMissedWhereOneIsMissing) {
  const auto committed = committed_worst_cases();
  for (std::size_t i = 0; i < committed.size(); ++i) {
    auto others = committed;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const auto report = unattained(others, proved_quantities());
    EXPECT_TRUE(report.starts_with(committed[i].lane + " " + committed[i].quantity)) << report;
    EXPECT_NE(report.find("has no worst case"), std::string::npos) << report;
  }
}

TEST(WorstCases, RefuteAConstantThatIsTooSmallAndShowOneThatIsTooLarge) {
  const auto committed = committed_worst_cases();
  const Real last_digit = Real(1) / 1000;
  for (auto quantity : proved_quantities()) {
    const Real error(find(committed, quantity)->attained);
    const auto report_with = [&](const Real& constant) {
      const std::string moved = constant.str(6);
      quantity.bound.rounding_constant = moved;
      return unattained(committed, {quantity});
    };
    EXPECT_NE(report_with(error - last_digit).find("is contradicted by"), std::string::npos);
    EXPECT_NE(report_with(error * 10 / 7 + last_digit).find("is far from"), std::string::npos);
  }
}

TEST(WorstCases, OfOtherInputsAttainSomethingElse) {
  for (auto found : committed_worst_cases()) {
    if (found.lane != "adam" || found.quantity != "theta") continue;
    found.input.gradient = std::nextafter(found.input.gradient, 0.0f);
    EXPECT_NE(attained(found), found.attained);
    found.input.gradient = std::numeric_limits<float>::max();
    EXPECT_THROW(attained(found), std::domain_error);
    found.input.gradient = 1;
    found.input.coefficients[0] = 2;
    EXPECT_THROW(attained(found), std::domain_error);
  }
}

}  // namespace
}  // namespace truestep::test
