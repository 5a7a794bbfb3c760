// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "convention_subject.hpp"
#include "situation.hpp"

namespace truestep::test {

struct Suite;

/// What the reference says of hyperparameters or a t that are outside its domain.
template <class H>
struct Refusal {
  H h;
  std::uint64_t t;
  std::string message;
};

/// What is known of a rule apart from both statements. Each rule states its own in facts/RULE.hpp:
/// units, descriptions that no system ships, and
///
///     divides                     whether a step has quotients
///     torch7_row                  its row of known_answers/torch7-quadratic.csv, or ""
///     reaches_torch7(convention)  whether that convention, with the row's numbers, arrives there
///     situations()                from where all float gradients are tried (situation.hpp)
///     left_off()                  what conventions have at defaults without effect, put to effect
///     map(h, in_double)           what of a description a run shows; equal ones are one map
///     telling()                   numbers at which the conventions part; each adds to the former
///     moving()                    numbers under which every order of operations has one bound
///     never_negative()            what the lanes of its defaults show and cannot be below 0
///     refused()                   what the reference refuses, and its words
///     suite()                     the rule, its faults and its drift (suite.hpp); in RULE.cpp
template <class R>
struct Facts;

/// Numbers of a rule by their names; choices that are true or false are 1 or 0.
using Values = std::map<std::string, double>;

/// h with these numbers of the rule. Throws std::invalid_argument if it lacks one of them.
template <class R>
typename R::Hyperparameters with_values(typename R::Hyperparameters h, const Values& values) {
  for (const auto& [name, value] : values) {
    bool found = false;
    fast::for_each_member<typename R::Fast>(
        [&, &name = name, &value = value](const auto& described) {
          if (name != described.name) return;
          auto& member = h.*described.member;
          member = static_cast<std::remove_reference_t<decltype(member)>>(value);
          found = true;
        });
    if (!found) throw std::invalid_argument(std::string(R::name) + " has no field " + name);
  }
  return h;
}

inline bool is_among(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// In a map: the schedule, weight decay if there is any, and the sign.
template <class H>
std::string move_of_map(const H& given) {
  const H h = fast::without_idle_choices(given);
  std::string map = " " + std::to_string(h.learning_rate_decay);
  if (h.step_sign != fast::StepSign::descent) map += word(h.step_sign);
  if (h.weight_decay == 0) return map;
  map += " " + std::to_string(h.weight_decay);
  map.append(word(h.weight_decay_place))
      .append(word(h.weight_decay_time))
      .append(word(h.weight_decay_scale));
  if constexpr (requires { h.weight_decay_mask; }) map += word(h.weight_decay_mask);
  if constexpr (requires { h.weight_decay_point; }) map += word(h.weight_decay_point);
  return map;
}

/// Gradient and theta have the units {0, 1} and {1, 0}.
template <class H>
Unit unit_of_weight_decay(const H& h, Unit learning_rate, Unit theta) {
  if (h.weight_decay_place == fast::WeightDecay::decoupled) {
    if (h.weight_decay_scale == fast::DecayScale::one) return {};
    return {-learning_rate.a, -learning_rate.b};
  }
  return {-theta.a, 1 - theta.b};
}

}  // namespace truestep::test
