#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <truestep/fast/lanes.hpp>

#include "expression.hpp"

namespace truestep::proofs {

/// What a lane takes, by the names that it gives it.
struct Inputs {
  std::string lane;
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
  std::vector<Quantity> quantities;
};

/// The inputs of a lane of the seed's convention; one that has none here does not compile.
template <class Lane>
Inputs inputs();

inline Expression any(const char* name) { return Expression::variable(name); }
inline Expression non_negative(const char* name) {
  return Expression::variable(name, Range::non_negative);
}
inline Expression weight(const char* name) {
  return Expression::variable(name, Range::unit_interval);
}

template <>
inline Inputs inputs<fast::lane::Momentum>() {
  return {"momentum", {weight("momentum"), non_negative("learning_rate")}, {any("v")}};
}
template <>
inline Inputs inputs<fast::lane::Nag>() {
  return {"nag", {weight("momentum"), non_negative("learning_rate")}, {any("v")}};
}
template <>
inline Inputs inputs<fast::lane::NagLookAhead>() {
  return {"nag_look_ahead", {weight("momentum")}, {}, any("v")};
}
template <>
inline Inputs inputs<fast::lane::Adagrad>() {
  return {
      "adagrad", {non_negative("learning_rate"), non_negative("epsilon")}, {non_negative("sum")}};
}
template <>
inline Inputs inputs<fast::lane::Adadelta>() {
  return {
      "adadelta", {weight("w"), non_negative("epsilon")}, {non_negative("s"), non_negative("u")}};
}
template <>
inline Inputs inputs<fast::lane::Rmsprop>() {
  return {"rmsprop",
          {weight("w"), non_negative("learning_rate"), non_negative("epsilon")},
          {non_negative("s")}};
}
template <>
inline Inputs inputs<fast::lane::Adam>() {
  return {"adam",
          {weight("w1"), weight("w2"), non_negative("alpha_t"), non_negative("c_t"),
           non_negative("epsilon")},
          {any("m"), non_negative("v")}};
}

/// Runs a lane over its inputs.
template <class Lane>
Recording record(const Inputs& inputs) {
  std::array<Expression, Lane::coefficients> coefficient;
  std::array<Expression, Lane::states> state;
  std::copy_n(inputs.coefficients.begin(), Lane::coefficients, coefficient.begin());
  std::copy_n(inputs.states.begin(), Lane::states, state.begin());
  Expression theta = inputs.theta;
  Recording recording{inputs, {}};
  Lane::step(coefficient, theta, state, inputs.gradient,
             [&](std::string_view name, const Expression& value) {
               recording.quantities.push_back({std::string(name), value});
             });
  return recording;
}

/// The lanes of the seed's convention.
inline std::vector<Recording> recorded_lanes() {
  return []<class... Lane>(std::tuple<Lane...>) {
    return std::vector<Recording>{record<Lane>(inputs<Lane>())...};
  }(fast::lane::Seed{});
}

}  // namespace truestep::proofs
