// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <truestep/fast/lanes/lanes.hpp>
#include <truestep/proofs/lanes/rules.hpp>
#include <truestep/proofs/numbers/expression.hpp>

namespace truestep::proofs {

/// A lane that was run over expressions.
struct Recording {
  struct Quantity {
    std::string name;
    Expression value;
  };

  Inputs inputs;
  /// What the lane showed, in its order.
  std::vector<Quantity> quantities = {};
  /// What it stored.
  std::vector<Expression> states = {};
  Expression theta = {};
};

/// Whether a coefficient is a quotient, a root or a product, so that even double rounds it:
/// Coefficient, Factor or Amount in theory/step/Apriori.v. The others are hyperparameters and 1 -
/// beta.
inline bool is_composed(std::string_view coefficient) {
  constexpr std::array<std::string_view, 8> composed{"alpha_t", "c_t", "k", "root_of_k",
                                                     "gain",    "p",   "q", "amount"};
  return std::find(composed.begin(), composed.end(), coefficient) != composed.end();
}

// The inputs of each lane: a rule's in lanes/RULE.hpp. A lane without them does not compile.

/// Weight decay around any lane: the theorems about the lane speak of the decayed input.
template <class Lane, fast::WeightDecay place>
Inputs inputs_of(std::type_identity<fast::lane::Decayed<Lane, place>>) {
  Inputs inputs = inputs_of(std::type_identity<Lane>());
  const bool decoupled = place == fast::WeightDecay::decoupled;
  inputs.lane += decoupled ? " with decoupled weight decay" : " with weight decay";
  inputs.coefficients.push_back(decoupled ? weight("amount") : non_negative("weight_decay"));
  return inputs;
}

/// Nothing: what is left of a lane with weight decay is the weight decay.
struct NoLane {
  static constexpr std::size_t coefficients = 0, states = 0;
  static constexpr std::array<std::string_view, 0> coefficient_names{}, state_names{};

  template <class Number, class Observer>
  static void step(const std::array<Number, 0>&, Number&, std::array<Number, 0>&, const Number&,
                   const Observer&) {}
};
template <fast::WeightDecay place>
using WeightDecayAlone = fast::lane::Decayed<NoLane, place>;

inline Inputs inputs_of(std::type_identity<WeightDecayAlone<fast::WeightDecay::gradient>>) {
  return {"weight_decay", "weight_decay", {non_negative("weight_decay")}, {}};
}
inline Inputs inputs_of(std::type_identity<WeightDecayAlone<fast::WeightDecay::decoupled>>) {
  return {"decoupled_weight_decay", "weight_decay", {weight("amount")}, {}};
}

template <class Lane>
Inputs inputs() {
  return inputs_of(std::type_identity<Lane>());
}

/// Runs a lane over its inputs.
/// @tparam Number  Expression, or a number type made from one that becomes one again
template <class Lane, class Number = Expression>
Recording record(const Inputs& inputs) {
  const auto as_number = [](const Expression& e) { return Number(e); };
  std::array<Number, Lane::coefficients> coefficient;
  std::array<Number, Lane::states> state;
  std::transform(inputs.coefficients.begin(), inputs.coefficients.end(), coefficient.begin(),
                 as_number);
  std::transform(inputs.states.begin(), inputs.states.end(), state.begin(), as_number);
  Number theta(inputs.theta);
  Recording recording{.inputs = inputs};
  Lane::step(coefficient, theta, state, Number(inputs.gradient),
             [&](std::string_view name, const Number& value) {
               recording.quantities.push_back({std::string(name), Expression(value)});
             });
  for (const auto& stored : state) recording.states.push_back(Expression(stored));
  recording.theta = Expression(theta);
  return recording;
}

template <class Lane>
inline constexpr bool is_decayed = false;
template <class Lane, fast::WeightDecay place>
inline constexpr bool is_decayed<fast::lane::Decayed<Lane, place>> = true;

/// Calls action.template operator()<Lane>() for every lane of a tuple of lanes.
template <class Lanes, class Action>
void for_each_lane(Action action) {
  [&]<class... Lane>(std::type_identity<std::tuple<Lane...>>) {
    (action.template operator()<Lane>(), ...);
  }(std::type_identity<Lanes>());
}

/// The weight decays, each alone.
using WeightDecays = std::tuple<WeightDecayAlone<fast::WeightDecay::gradient>,
                                WeightDecayAlone<fast::WeightDecay::decoupled>>;

/// Calls action.template operator()<Lane>() for those lanes of a tuple that have no weight decay.
template <class Lanes, class Action>
void for_each_undecayed_lane(Action action) {
  for_each_lane<Lanes>([&]<class Lane>() {
    if constexpr (!is_decayed<Lane>) action.template operator()<Lane>();
  });
}

/// Calls action.template operator()<Lane>() for every lane that is recorded by itself: those
/// without weight decay, a rule's first form first; then weight decay.
template <class Action>
void for_each_recorded_lane(Action action) {
  for_each_undecayed_lane<fast::lane::Every>(action);
  for_each_lane<WeightDecays>(action);
}

inline std::vector<Recording> recorded_lanes() {
  std::vector<Recording> recordings;
  for_each_recorded_lane([&]<class Lane>() { recordings.push_back(record<Lane>(inputs<Lane>())); });
  return recordings;
}

}  // namespace truestep::proofs
