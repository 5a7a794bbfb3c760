// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <optional>
#include <truestep/proofs/lanes/rules.hpp>
#include <truestep/proofs/statements.hpp>

#include "subject.hpp"

namespace truestep::test {

/// A convention of a rule as its tests see it: a description whose numbers, where they differ from
/// the seed's, only say that they take part.
template <class R>
struct Variant {
  std::string name;
  typename R::Hyperparameters base;
};

/// Calls action(named, takes_part) for each number of the rule, in the order of Hyperparameters.
template <class R, class Action>
void for_each_number(const typename R::Hyperparameters& base, Action action) {
  const typename R::Hyperparameters seed;
  for (const auto& number : R::hyperparameters) action(number, true);
  for (const auto& number : R::further) action(number, base.*number.member != seed.*number.member);
}

/// The description with the numbers that a generator drew. A number that switches a form off is
/// moved by a little: the subject has one lane.
template <class R>
typename R::Hyperparameters settings(const typename R::Hyperparameters& base,
                                     const Hyperparameters& drawn) {
  const typename R::Hyperparameters seed;
  auto h = base;
  std::size_t i = 0;
  for_each_number<R>(base, [&](const auto& number, bool takes_part) {
    const double value = drawn[i++];
    if (takes_part) h.*number.member = value;
  });
  for (const auto& number : R::further)
    if (base.*number.member != seed.*number.member && h.*number.member == seed.*number.member)
      h.*number.member = seed.*number.member == 1 ? 0.75 : 0x1p-30;
  if (h.weight_decay_place == fast::WeightDecay::decoupled) {
    const bool alone = h.weight_decay_scale == fast::DecayScale::one;
    const double factor = alone ? 1 : h.learning_rate;
    if (factor * h.weight_decay > 1) h.weight_decay = 0.5 / factor;
  }
  return h;
}

/// What of a rule's description is not a number, with the numbers that take part made equal: two
/// conventions of one shape differ at most in defaults.
template <class R>
typename R::Hyperparameters shape(typename R::Hyperparameters h) {
  const auto base = h;
  for_each_number<R>(base, [&](const auto& number, bool takes_part) {
    if (takes_part) h.*number.member = 0.5;
  });
  return fast::without_idle_choices(h);
}

/// The reference of a convention, which shows its states and theta.
template <class R>
void use_reference(auto& subject, const typename R::Hyperparameters& base) {
  const auto states = rules::states_of<R, Real>(base);
  const auto theta = position(subject.rule, "theta");
  subject.reference = [=](const Hyperparameters& drawn, std::uint64_t t) -> StepAt<Real> {
    return [=, formula = R::template formula<Real>(settings<R>(base, drawn), t)](
               Point<Real>& point, const Real& g, Seen<Real>& seen) {
      typename R::template Formula<Real>::State before;
      for (std::size_t s = 0; s < states.size(); ++s) before.*states[s].member = point.state[s];
      const auto now = formula.step(point.theta, before, g);
      for (std::size_t s = 0; s < states.size(); ++s)
        seen[s] = point.state[s] = now.*states[s].member;
      seen[theta] = point.theta = now.theta;
    };
  };
  subject.exact_start = [=](const Hyperparameters& drawn) {
    const auto start = R::template Formula<Real>::start(settings<R>(base, drawn));
    States<Real> exact;
    for (std::size_t s = 0; s < states.size(); ++s) exact[s] = start.*states[s].member;
    return exact;
  };
}

/// A lane over a subject's points that shows what it stores.
template <class Lane, class Number>
void step_and_show(const Coefficients<Number>& coefficients, Point<Number>& point,
                   const Number& gradient, Seen<Number>& seen) {
  std::array<Number, Lane::coefficients> k;
  std::array<Number, Lane::states> state;
  std::copy_n(coefficients.begin(), Lane::coefficients, k.begin());
  std::copy_n(point.state.begin(), Lane::states, state.begin());
  Lane::step(k, point.theta, state, gradient, fast::Unobserved());
  std::copy_n(state.begin(), Lane::states, point.state.begin());
  std::copy_n(state.begin(), Lane::states, seen.begin());
  seen[Lane::states] = point.theta;
}

/// The kernel side of a convention.
template <class R, class T>
void use_kernel(Subject<T>& subject, const typename R::Hyperparameters& base) {
  fast::with_lane(base, [&]<class Lane>() {
    subject.lane = step_and_show<Lane, T>;
    subject.ball = step_and_show<Lane, Ball<T>>;
  });
  subject.coefficients = [base](const Hyperparameters& drawn, std::uint64_t t) {
    const auto list = fast::coefficient_list<T>(settings<R>(base, drawn), t);
    Coefficients<T> coefficients{};
    std::copy_n(list.values.begin(), list.size, coefficients.begin());
    return coefficients;
  };
  subject.kernel = [base](const Hyperparameters& drawn, std::uint64_t t, std::span<T> theta,
                          const States<std::span<T>>& states, std::span<const T> gradient) {
    rules::run_kernel<R, T>(settings<R>(base, drawn), t, theta, states, gradient);
  };
  subject.start = [base](const Hyperparameters& drawn) {
    const auto h = settings<R>(base, drawn);
    States<double> start{};
    if constexpr (requires { h.start; })
      start[0] = h.start == fast::Start::epsilon ? h.epsilon : h.initial_accumulator;
    if constexpr (requires { h.moments_start; })
      if (h.moments_start == fast::Start::epsilon) start.fill(h.epsilon);
    return start;
  };
}

/// A radius supposes that what is under a root is not negative. Where the step from drawn states
/// may take the root of less, nothing is claimed of what follows the states up to `known`.
template <class T, class MayBeNegative>
LaneOver<Ball<T>> without_claims(LaneOver<Ball<T>> lane, std::size_t known, std::size_t count,
                                 MayBeNegative may_be_negative) {
  return [=](const Coefficients<Ball<T>>& coefficients, Point<Ball<T>>& point,
             const Ball<T>& gradient, Seen<Ball<T>>& seen) {
    lane(coefficients, point, gradient, seen);
    if (!may_be_negative(seen)) return;
    constexpr auto infinity = std::numeric_limits<typename Ball<T>::Radius>::infinity();
    point.theta.radius = infinity;
    for (std::size_t i = known; i < count; ++i) seen[i].radius = infinity;
    for (std::size_t i = known; i + 1 < count; ++i) point.state[i].radius = infinity;
  };
}

/// Both statements of a convention. Facts<R> says what is known of the rule apart from them.
template <class R, class T, template <class> class Facts>
Subject<T> convention_subject(const Variant<R>& variant) {
  Subject<T> subject;
  auto& rule = subject.rule;
  rule.name = R::name;
  static_assert(R::hyperparameters.size() + R::further.size() <= max_hyperparameters);
  rule.theta_unit = Facts<R>::theta_unit;
  for_each_number<R>(variant.base, [&](const auto& number, bool) {
    const std::string name = number.name;
    const Role role = name.starts_with("epsilon")                              ? Role::epsilon
                      : name.starts_with("learning") || name == "weight_decay" ? Role::learning_rate
                                                                               : Role::decay;
    rule.hyperparameters.push_back({name, role, Facts<R>::unit(variant.base, name)});
  });
  for (const auto& state : rules::states_of<R, Real>(variant.base)) {
    const std::string name = state.name;
    rule.states.push_back(
        {name, Facts<R>::is_second_moment(name), Facts<R>::unit(variant.base, name)});
    rule.quantities.push_back(name);
  }
  rule.quantities.push_back("theta");
  use_kernel<R>(subject, variant.base);
  if constexpr (requires { Facts<R>::roots_of_differences(variant.base); })
    if (Facts<R>::roots_of_differences(variant.base))
      subject.ball = without_claims<T>(
          subject.ball, Facts<R>::states_before_the_root, rule.quantities.size(),
          [](const Seen<Ball<T>>& seen) { return Facts<R>::may_be_negative(seen); });
  use_reference<R>(subject, variant.base);
  subject.exact_coefficients = [base = variant.base](const Hyperparameters& drawn,
                                                     std::uint64_t t) {
    return proofs::exact_coefficients<Real>(settings<R>(base, drawn), t);
  };
  return subject;
}

}  // namespace truestep::test
