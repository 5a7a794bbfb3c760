// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <truestep/proofs/equations.hpp>
#include <truestep/reference/real.hpp>

#include "support/rational.hpp"

/// What the tests of conventions share: those of all rules in conventions.cpp, and what a rule
/// alone has to show in conventions/RULE.cpp.
namespace truestep::test {

using reference::Real;
using fast::convention;

// What is printed

inline std::string printed(const proofs::Equations& equations) {
  std::string text;
  for (const auto& [state, value] : equations.start) text += state + " = " + value + "\n";
  text += "g at " + equations.gradient_point + "\n";
  for (const auto& [quantity, right, first] : equations.step) {
    if (first) text += quantity + " = " + *first + " at t = 1\n";
    text += quantity + " = " + right + "\n";
  }
  return text;
}

template <class Rule>
std::string printed(const char* name) {
  return printed(proofs::equations<Rule>(convention<typename Rule::Hyperparameters>(name)));
}

// What is refused

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "not refused";
}

template <class Rule>
std::string refusal(const typename Rule::Hyperparameters& h) {
  return refusal([&] { Rule::template formula<Real>(h, 1); });
}

// Runs, over dyadic fractions exactly

/// Some gradients without a pattern.
template <class Number>
Number gradient(std::uint64_t t) {
  return Number(static_cast<int>(t * t * 7 % 23) - 11) / 8;
}

template <class Rule, class Number>
using Step = typename Rule::template Formula<Number>::Step;

/// theta and the state after `steps` steps over those gradients.
template <class Rule, class Number>
Step<Rule, Number> run(const typename Rule::Hyperparameters& h, std::uint64_t steps) {
  Step<Rule, Number> now{};
  now.theta = 1;
  for (std::uint64_t t = 1; t <= steps; ++t)
    now = Rule::template formula<Number>(h, t).step(now.theta, now, gradient<Number>(t));
  return now;
}

inline constexpr std::uint64_t many = 20;

}  // namespace truestep::test
