// SPDX-License-Identifier: Apache-2.0
// The tie between the lanes and the theorems: proofs/bounds.json holds what was proved, and the
// hash of what it was proved about.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "facts/every_rule.hpp"
#include "support/altered.hpp"
#include "support/each_rule.hpp"
#include "support/proved_lane.hpp"
#include "support/suite.hpp"
#include "support/worst_cases.hpp"

namespace truestep::test {
namespace {

template <class R>
class ProvedBounds : public testing::Test {};
TYPED_TEST_SUITE(ProvedBounds, EachRule, RuleName);

/// Every slip that the rule's own file plants into its lane moves a hash, and the message says
/// whose.
TYPED_TEST(ProvedBounds, AreNotAboutALaneWithASlip) {
  const std::string rule = TypeParam::name;
  constexpr std::size_t proved_lane_section = 9;
  std::size_t slips = 0;
  for (const auto& fault : Facts<TypeParam>::suite().faults) {
    if (fault.where != "lane") continue;
    ++slips;
    const auto outcome = *run_section(proved_lane_section, fault.faulty.single, {});
    EXPECT_FALSE(outcome.held) << rule << ": " << fault.name;
    EXPECT_TRUE(outcome.report.starts_with(rule)) << outcome.report;
    EXPECT_NE(outcome.report.find("theorem " + rule), std::string::npos) << outcome.report;
  }
  EXPECT_GE(slips, 3u) << rule;
}

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
  std::size_t bounds = 0;
  for (const auto& recording : recordings()) {
    EXPECT_EQ(moved(recording), "");
    if (!recording.states.empty()) expect_shown_is_stored(recording);
    bounds += 4 * recording.quantities.size();
  }
  EXPECT_EQ(bounds, proofs::bounds().size()) << "proofs/bounds.json speaks of other lanes too";
}

/// constants.hpp tries them by rules.
TEST(EveryForm, IsOfARuleOrWeightDecay) {
  std::set<std::string> recorded, by_rules;
  const auto into = [](auto& names) {
    return [&]<class Lane>() { names.insert(proofs::inputs<Lane>().lane); };
  };
  proofs::for_each_recorded_lane(into(recorded));
  fast::for_each_rule<rules::All>([&]<class R>() {
    proofs::for_each_undecayed_lane<typename LanesOf<R>::type>(into(by_rules));
  });
  proofs::for_each_lane<proofs::WeightDecays>(into(by_rules));
  EXPECT_EQ(by_rules, recorded);
}

/// Each operation of each lane, altered in turn, moves a hash, and the message says whose.
TEST(EveryForm, IsAnotherLaneWithAnyOperationAltered) {
  std::vector<proofs::Recording (*)(const proofs::Inputs&)> altered;
  proofs::for_each_recorded_lane(
      [&]<class Lane>() { altered.push_back(proofs::record<Lane, Altered>); });
  std::size_t alterations = 0;
  for (std::size_t i = 0; i < altered.size(); ++i) {
    const auto& inputs = recordings()[i].inputs;
    for (int operation = 0;; ++operation, ++alterations) {
      Altered::operations_left = operation;
      const auto report = moved(altered[i](inputs));
      if (Altered::operations_left >= 0) break;
      EXPECT_TRUE(report.starts_with(inputs.lane)) << inputs.lane << ", operation " << operation;
      EXPECT_NE(report.find("theorem"), std::string::npos) << report;
    }
  }
  EXPECT_GE(alterations, 300u);
}

/// Whether a lane with weight decay is the weight decay, then the lane on what it decayed.
bool is_composed(const proofs::Recording& whole, const proofs::Recording& decay,
                 const proofs::Recording& rest) {
  auto expected = decay.quantities;
  expected.insert(expected.end(), rest.quantities.begin(), rest.quantities.end());
  return whole.states == rest.states && whole.theta == rest.theta &&
         std::equal(
             whole.quantities.begin(), whole.quantities.end(), expected.begin(), expected.end(),
             [](const auto& a, const auto& b) { return a.name == b.name && a.value == b.value; });
}

/// Shows what the lane with weight decay shows, and steps without.
template <class Lane, fast::WeightDecay place>
struct ForgetsTheDecay {
  using Shipped = fast::lane::Decayed<Lane, place>;
  static constexpr std::size_t coefficients = Shipped::coefficients, states = Shipped::states;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    Number undecayed = theta;
    auto forgotten = state;
    Shipped::step(coefficient, undecayed, forgotten, gradient, observe);
    std::array<Number, Lane::coefficients> inner;
    std::copy_n(coefficient.begin(), inner.size(), inner.begin());
    Lane::step(inner, theta, state, gradient, fast::Unobserved());
  }
};

void expect_composed(const proofs::Recording& whole, const proofs::Recording& forgetful,
                     const proofs::Recording& decay, const proofs::Recording& rest) {
  const std::string& lane = whole.inputs.lane;
  EXPECT_TRUE(is_composed(whole, decay, rest))
      << lane << " is not what the theorems of weight decay and of the lane together say";
  EXPECT_FALSE(is_composed(forgetful, decay, rest)) << lane;
}

/// The lane, and the lane that forgets its decay.
template <class Lane, fast::WeightDecay place>
void expect_composed(std::type_identity<fast::lane::Decayed<Lane, place>>) {
  using Whole = fast::lane::Decayed<Lane, place>;
  using Alone = proofs::WeightDecayAlone<place>;
  const auto inputs = proofs::inputs<Whole>();
  const auto decay = proofs::record<Alone>(proofs::inputs<Alone>());
  auto decayed = proofs::inputs<Lane>();
  (place == fast::WeightDecay::gradient ? decayed.gradient : decayed.theta) =
      decay.quantities[0].value;
  expect_composed(proofs::record<Whole>(inputs),
                  proofs::record<ForgetsTheDecay<Lane, place>>(inputs), decay,
                  proofs::record<Lane>(decayed));
}

/// A form decays in two places, the gradient and beside the step.
TYPED_TEST(ProvedBounds, OfALaneWithWeightDecayAreThoseOfWeightDecayAndOfTheLane) {
  using Hyperparameters = typename TypeParam::Hyperparameters;
  using Lanes = typename fast::lane::LanesOfRule<Hyperparameters>::type;
  using Form = decltype(fast::choice(Hyperparameters()).form);
  std::size_t decayed = 0;
  proofs::for_each_lane<Lanes>([&]<class Lane>() {
    if constexpr (proofs::is_decayed<Lane>) {
      expect_composed(std::type_identity<Lane>());
      ++decayed;
    }
  });
  EXPECT_EQ(decayed, 2 * Form::count);
}

/// The recorder sees signs through squares, quotients and decays: what it says may be negative is
/// what can be.
TYPED_TEST(ProvedBounds, KnowWhatCannotBeNegative) {
  std::vector<std::string> found;
  proofs::for_each_lane<fast::lane::DefaultLanes<typename TypeParam::Hyperparameters>>(
      [&]<class Lane>() {
        for (const auto& [name, value] : proofs::record<Lane>(proofs::inputs<Lane>()).quantities)
          if (value.non_negative()) found.push_back(name);
      });
  EXPECT_EQ(found, Facts<TypeParam>::never_negative());
}

}  // namespace
}  // namespace truestep::test
