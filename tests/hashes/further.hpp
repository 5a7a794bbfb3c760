// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/lanes/lanes.hpp>

#include "hashes.hpp"

namespace truestep::hashes {

/// The forms of a rule: for each a description that asks for it, which states are signed, namely
/// those that the rule takes no root of, and what is hashed. RULE.cpp defines and instantiates it.
template <class Rule>
struct Forms;

template <class Hyperparameters>
Hyperparameters with_decay(Hyperparameters h, WeightDecay place) {
  if (place == WeightDecay::none) return h;
  h.weight_decay_place = place;
  h.weight_decay = 0.01;
  return h;
}

/// As hash_of_steps, for a description of a rule.
template <class T, class Rule>
std::string hash_of_form(const typename Rule::Hyperparameters& h) {
  Generator generator(20250102);
  const auto numbers = [&](bool is_signed) {
    return generator.numbers<T>(is_signed, elements_of_form);
  };
  auto theta = numbers(true);
  std::vector<std::vector<T>> states;
  for (const bool is_signed : Forms<Rule>::is_signed) states.push_back(numbers(is_signed));
  Hash hash;
  for (const std::uint64_t t : steps) {
    const auto gradient = numbers(true);
    step_spans<Rule>(h, t, theta, states.data(), gradient);
    hash.add(theta);
    for (const auto& state : states) hash.add(state);
  }
  return hash.text();
}

/// Every form that some description asks for.
template <class T, class Rule>
void add_forms(const std::string& type, Hashes& hashes) {
  using Choices = decltype(choice(typename Rule::Hyperparameters()));
  for (std::size_t i = 0; i < Choices::count; ++i) {
    const auto wanted = Choices::at(i);
    const auto h = with_decay(Forms<Rule>::description(wanted.form), wanted.decay);
    hashes[std::string(Rule::name) + "[" + std::to_string(i) + "] " + type] =
        hash_of_form<T, Rule>(h);
  }
}

/// A rule's default, whose states are those that hash_of_steps draws.
template <class T, class Rule>
void add_default(const std::string& type, Hashes& hashes) {
  static_assert(
      [] {
        std::size_t used = 0;
        for (const auto& state : Rule::template states<T>)
          used += state.is_used(typename Rule::Hyperparameters());
        return used <= drawn_states;
      }(),
      "hash_of_steps draws a state for each that a rule has by default");
  hashes[Rule::name + (" " + type)] = hash_of_steps<T>(
      Forms<Rule>::is_signed[0], [](auto t, auto& theta, auto* states, auto& gradient) {
        step_spans<Rule>({}, t, theta, states, gradient);
      });
}

template <class Rule>
void add_rule(Hashes& hashes) {
  add_default<float, Rule>("float", hashes);
  add_default<double, Rule>("double", hashes);
  Forms<Rule>::template add<float>("float", hashes);
  Forms<Rule>::template add<double>("double", hashes);
}

}  // namespace truestep::hashes
