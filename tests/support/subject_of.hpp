// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/statements.hpp>
#include <utility>

#include "subject.hpp"

namespace truestep::test {

/// Whether a rule's formula has these of its described states.
template <class States>
constexpr bool has_each(const States& states) {
  for (const auto& state : states)
    if (state.member == nullptr) return false;
  return true;
}

/// The kernel's hyperparameters by their position.
template <class R>
typename R::Hyperparameters settings(const Hyperparameters& h) {
  static_assert(R::hyperparameters.size() <= max_hyperparameters,
                "a subject has room for the numbers of every version");
  typename R::Hyperparameters settings;
  for (std::size_t i = 0; i < R::hyperparameters.size(); ++i)
    settings.*R::hyperparameters[i].member = h[i];
  return settings;
}

/// The formula at step t.
template <class R, class Number>
auto formula(const Hyperparameters& h, std::uint64_t t) {
  return R::template formula<Number>(settings<R>(h), t);
}

/// The reference of a rule. show(now, h, see) gives to see(...) what the lane shows, in order, of
/// a step of the formula.
template <class R, class Show>
auto reference_of(Show show) {
  return [show](const Hyperparameters& h, std::uint64_t t) -> StepAt<Real> {
    return [show, h, formula = formula<R, Real>(h, t)](Point<Real>& point, const Real& g,
                                                       Seen<Real>& seen) {
      constexpr auto& states = R::template states<Real>;
      typename R::template Formula<Real>::State before;
      for (std::size_t s = 0; s < states.size(); ++s) before.*states[s].member = point.state[s];
      const auto now = formula.step(point.theta, before, g);
      show(now, h, [&](const auto&... quantity) {
        std::size_t q = 0;
        ((seen[q++] = quantity), ...);
      });
      point.theta = now.theta;
      for (std::size_t s = 0; s < states.size(); ++s) point.state[s] = now.*states[s].member;
    };
  };
}

/// The shipped lane, coefficients and kernel of a rule; its test file adds the rest.
template <class R, class T>
Subject<T> subject_of(const Rule& rule) {
  static_assert(R::template states<double>.size() == R::Lane::states,
                "fast/RULE.hpp describes each state of the rule's lane");
  static_assert(
      has_each(R::template states<double>) && has_each(R::template further_states<double>),
      "reference/RULE.hpp lists each state among its quantities");
  Subject<T> subject;
  subject.rule = rule;
  use_lane<typename R::Lane>(subject);
  subject.coefficients = [](const Hyperparameters& h, std::uint64_t t) {
    const auto narrow = fast::coefficients<T>(settings<R>(h), t);
    Coefficients<T> coefficients{};
    std::copy(narrow.begin(), narrow.end(), coefficients.begin());
    return coefficients;
  };
  subject.kernel = [](const Hyperparameters& h, std::uint64_t t, std::span<T> theta,
                      const auto& state, std::span<const T> gradient) {
    rules::run_kernel<R, T>(settings<R>(h), t, theta, state, gradient);
  };
  return subject;
}

}  // namespace truestep::test
