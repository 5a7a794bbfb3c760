// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <truestep/fast/lanes/lanes.hpp>

#include <truestep/proofs/numbers/expression.hpp>

namespace truestep::proofs {

/// What a lane takes, by the names that it gives it.
struct Inputs {
  std::string lane;
  std::string kinds;  ///< the name of what is known of them, in theory/; a rule's lanes share it
  std::vector<Expression> coefficients, states;
  Expression gradient = Expression::variable("gradient");
  Expression theta = Expression::variable("theta");
};

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

inline Expression any(const char* name) { return Expression::variable(name); }
inline Expression non_negative(const char* name) {
  return Expression::variable(name, Range::non_negative);
}
inline Expression weight(const char* name) {
  return Expression::variable(name, Range::unit_interval);
}

/// Whether a coefficient is a quotient, a root or a product, so that even double rounds it:
/// Coefficient, Factor or Amount in theory/step/Apriori.v. The others are hyperparameters and 1 -
/// beta.
inline bool is_composed(std::string_view coefficient) {
  constexpr std::array<std::string_view, 8> composed{"alpha_t", "c_t", "k", "root_of_k",
                                                     "gain",    "p",   "q", "amount"};
  return std::find(composed.begin(), composed.end(), coefficient) != composed.end();
}

/// A rule's name and what a form has that the rule's first form lacks.
inline std::string lane_name(std::string rule,
                             std::initializer_list<std::pair<bool, const char*>> features) {
  for (const auto& [present, feature] : features)
    if (present) rule += std::string("_") + feature;
  return rule;
}

// The inputs of each lane; one that has none here does not compile.

template <fast::MomentumForm form>
Inputs inputs_of(std::type_identity<fast::lane::MomentumLane<form>>) {
  switch (form.move) {
    case fast::Move::buffer:
      return {
          "momentum", "momentum", {weight("momentum"), non_negative("learning_rate")}, {any("v")}};
    case fast::Move::scaled_buffer:
      return {"momentum_scaled",
              "momentum",
              {weight("momentum"), any("gain"), non_negative("learning_rate")},
              {any("v")}};
    case fast::Move::nesterov:
      return {"momentum_nesterov", "momentum", {weight("momentum"), any("gain")}, {any("v")}};
    default:
      return {"momentum_sum",
              "momentum",
              {weight("momentum"), any("gain"), any("p"), any("q")},
              {any("v")}};
  }
}

inline Inputs inputs_of(std::type_identity<fast::lane::Nag>) {
  return {"nag", "nag", {weight("momentum"), non_negative("learning_rate")}, {any("v")}};
}

inline Inputs inputs_of(std::type_identity<fast::lane::NagLookAhead>) {
  return {"nag_look_ahead", "nag_look_ahead", {weight("momentum")}, {}, any("v")};
}

template <fast::AdagradForm form>
Inputs inputs_of(std::type_identity<fast::lane::AdagradLane<form>>) {
  Inputs inputs{lane_name("adagrad", {{form.epsilon_outside, "outside"},
                                      {form.no_step_at_zero, "no_step_at_zero"},
                                      {form.averaged, "averaged"},
                                      {form.decays_sum, "decays_sum"}}),
                "adagrad",
                {non_negative("learning_rate"), non_negative("epsilon")},
                {non_negative("sum")}};
  if (form.averaged) {
    inputs.coefficients.push_back(weight("w"));
    inputs.states.push_back(any("v"));
  }
  if (form.decays_sum) inputs.coefficients.push_back(non_negative("weight_decay"));
  return inputs;
}

template <fast::AdadeltaForm form>
Inputs inputs_of(std::type_identity<fast::lane::AdadeltaLane<form>>) {
  Inputs inputs{lane_name("adadelta", {{form.scaled && !form.accumulates_scaled, "scaled"},
                                       {form.accumulates_scaled, "accumulates_scaled"}}),
                "adadelta",
                {weight("w"), non_negative("epsilon")},
                {non_negative("s"), non_negative("u")}};
  if (form.scaled) inputs.coefficients.push_back(non_negative("learning_rate"));
  return inputs;
}

template <fast::RmspropForm form>
Inputs inputs_of(std::type_identity<fast::lane::RmspropLane<form>>) {
  Inputs inputs{lane_name("rmsprop", {{form.epsilon_outside, "outside"},
                                      {!form.epsilon_outside && !form.epsilon_in_state, "inside"},
                                      {form.corrected, "corrected"},
                                      {form.centered, "centered"},
                                      {form.buffered, "buffered"}}),
                "rmsprop",
                {weight("w"), non_negative(form.buffered ? "push" : "learning_rate"),
                 non_negative("epsilon")},
                {non_negative("s")}};
  const auto add = [](std::vector<Expression>& list, std::initializer_list<Expression> more) {
    list.insert(list.end(), more);
  };
  if (form.corrected) add(inputs.coefficients, {non_negative("k"), non_negative("root_of_k")});
  if (form.centered) {
    add(inputs.coefficients, {weight("w_of_mean")});
    add(inputs.states, {any("mean")});
  }
  if (form.buffered) {
    add(inputs.coefficients, {weight("momentum"), non_negative("pull")});
    add(inputs.states, {any("v")});
  }
  return inputs;
}

template <fast::AdamForm form>
Inputs inputs_of(std::type_identity<fast::lane::AdamLane<form>>) {
  Inputs inputs{
      lane_name("adam", {{form.amsgrad, "amsgrad"}, {form.epsilon_in_root, "two_epsilons"}}),
      "adam",
      {weight("w1"), weight("w2"), non_negative("alpha_t"), non_negative("c_t"),
       non_negative("epsilon")},
      {any("m"), non_negative("v")}};
  if (form.epsilon_in_root) inputs.coefficients.push_back(non_negative("epsilon_root"));
  if (form.amsgrad) inputs.states.push_back(non_negative("v_max"));
  return inputs;
}

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

/// Every lane without weight decay, a rule's first form first; then weight decay.
inline std::vector<Recording> recorded_lanes() {
  std::vector<Recording> recordings;
  const auto add = [&]<class Lane>() { recordings.push_back(record<Lane>(inputs<Lane>())); };
  for_each_lane<fast::lane::Every>([&]<class Lane>() {
    if constexpr (!is_decayed<Lane>) add.template operator()<Lane>();
  });
  for_each_lane<std::tuple<WeightDecayAlone<fast::WeightDecay::gradient>,
                           WeightDecayAlone<fast::WeightDecay::decoupled>>>(add);
  return recordings;
}

}  // namespace truestep::proofs
