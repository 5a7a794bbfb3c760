// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "as_programmed.hpp"
#include "bfloat16.hpp"
#include "follow.hpp"
#include "habits.hpp"

/// The reference over a number type for every habit: compiled a rule in each file.
namespace truestep::trial {

template <class Rule, class Number>
class Follower {
 public:
  Follower(const HyperparametersOf<Rule>& h, const Job& job, const Run& run)
      : h_(h),
        job_(job),
        run_(run),
        count_(job.setup.coordinates()),
        shown_(rules::states_of<Rule, Number>(h)),
        storage_(job.setup.format),
        states_(count_, Formula::start(h)),
        nan_is_kept_(count_) {
    // What a state begins at is stored in the format too, and is no coefficient.
    for (const auto& [name, member] : shown_)
      for (std::size_t i = 0; i < count_; ++i) {
        const auto given = job.states.find(name);
        states_[i].*member =
            given != job.states.end()
                ? kept(given->second[i])
                : begun(storage_.state(name), static_cast<double>((states_[i].*member).value));
      }
    if (storage_.rounds_each_operation || !storage_.has_narrow_states()) return;
    for (std::size_t q = 0; q < shown_.size(); ++q)
      if (is_narrow(storage_.state(shown_[q].name))) narrow_.push_back(q);
  }

  void follow(const std::function<bool(const Expected&)>& visit) {
    for (std::size_t s = 0; s < run_.steps; ++s) {
      const Formula formula = Rule::template formula<Number>(h_, job_.t[s]);
      for (std::size_t i = 0; i < count_; ++i) {
        const double before = theta_before(s, i);
        if (!std::isfinite(before)) continue;
        const auto now = stepped(formula, before, states_[i], job_.gradients[s * count_ + i]);
        states_[i] = carried(now, s, i);
        const bool may_be_nan = may_be_negative(now) || nan_is_kept_[i];
        nan_is_kept_[i] =
            may_be_nan && (keeps_quotients() || !std::isfinite(run_.theta[s * count_ + i]));
        const auto claimed = [&](Expected each, bool is_claimed) {
          if (!is_claimed) each.radius = std::numeric_limits<long double>::infinity();
          return each;
        };
        if (!visit(claimed(theta_after(s, i, before, now.theta), !may_be_nan))) return;
        for (std::size_t q = 0; q < shown_.size(); ++q)
          if (!visit(claimed(expected(s, i, q + 1, before, now.*shown_[q].member),
                             !nan_is_kept_[i] || !holds_quotients(shown_[q].member))))
            return;
      }
    }
  }

 private:
  using T = typename Number::Format;
  using Formula = typename Rule::template Formula<Number>;

  static Number data(double x) {
    const auto held = static_cast<T>(x);
    auto number = Number::data(held);
    // What is kept wider than it is computed with may be rounded where it is read.
    if (std::isfinite(x) && static_cast<double>(held) != x)
      number.widen(static_cast<double>(half_ulp(storage_of_arithmetic(), x)));
    return number;
  }
  static constexpr trial::Format storage_of_arithmetic() {
    return std::is_same_v<T, double> ? trial::Format::float64 : trial::Format::float32;
  }

  /// A state as it was seen. Nothing is known of one that is no number.
  static Number kept(double x) {
    return std::isfinite(x) ? data(x).stored() : Number::unknown().stored();
  }
  /// A state before the first step, which is rounded where the format does not have it.
  Number begun(trial::Format format, double x) const {
    auto number = data(is_narrow(format) ? x : nearest(format, x));
    if (is_narrow(format) && nearest(format, x) != x)
      number.widen(
          static_cast<double>(moved_by_store(format, storage_.is_stochastic, std::fabs(x))));
    return number.stored();
  }

  /// A step whose states are kept in 16 bits, if they are. Which operations make them is seen of a
  /// first pass. A state that is theta or the gradient itself is rounded as well.
  auto stepped(const Formula& formula, double before, const typename Formula::State& state,
               double gradient) const {
    const auto step = [&] {
      const Number theta = data(before), g = data(gradient);
      return formula.step(theta, state, g);
    };
    if constexpr (requires(Number number) { number.operation(); })
      if (!narrow_.empty()) {
        auto& program = Program::now();
        program.begin({});
        const auto first = step();
        std::vector<Program::Store> stores;
        for (const auto q : narrow_) {
          const auto& [name, member] = shown_[q];
          stores.push_back(
              {(first.*member).operation(), storage_.state(name), storage_.is_stochastic});
        }
        program.begin(std::move(stores));
        auto now = step();
        program.begin({});
        return now;
      }
    return step();
  }

  /// The states that the next step finds. Those in 16 bits are the run's own, where it shows them:
  /// roundings of many stores would hide what a step does.
  typename Formula::State carried(const typename Formula::Step& now, std::size_t s,
                                  std::size_t i) const {
    auto states = proofs::stored<Formula>(now);
    const auto see = [&](std::size_t q) {
      const auto& [name, member] = shown_[q];
      const auto seen = run_.states.find(name);
      if (seen != run_.states.end()) states.*member = kept(seen->second[s * count_ + i]);
    };
    for (const auto q : narrow_) see(q);
    if (storage_.rounds_each_operation)
      for (std::size_t q = 0; q < shown_.size(); ++q) see(q);
    return states;
  }

  /// Theta is stored besides.
  Expected theta_after(std::size_t s, std::size_t i, double before, const Number& theta) const {
    auto all = expected(s, i, 0, before, theta);
    if (!storage_.rounds_each_operation)
      all.radius +=
          moved_by_store(storage_.theta, storage_.is_stochastic, std::fabs(all.value) + all.radius);
    return all;
  }

  double theta_before(std::size_t s, std::size_t i) const {
    const bool first = s == 0 || (!job_.put_back.empty() && job_.put_back[i]);
    return first ? job_.theta[i] : run_.theta[(s - 1) * count_ + i];
  }

  /// Whether there may be less than 0 under a root: by rounding, of a difference that the formula
  /// knows to be more, or because epsilon is subtracted there. Then a NaN is as sane as a number.
  template <class Step>
  bool may_be_negative(const Step& now) const {
    if constexpr (requires { h_.centered; }) {
      const Number variance = now.s - now.mean * now.mean;
      const bool subtracts = h_.epsilon_sign == fast::EpsilonSign::subtracted;
      return h_.centered &&
             (h_.corrected || !(variance.value - variance.radius > (subtracts ? h_.epsilon : 0)));
    }
    return false;
  }

  /// Whether a quotient by such a root stays in a state. Programs keep a NaN also where momentum is
  /// 0.
  bool keeps_quotients() const {
    if constexpr (requires { h_.centered; }) return h_.momentum != 0;
    return false;
  }
  template <class Member>
  static bool holds_quotients([[maybe_unused]] Member member) {
    if constexpr (requires { &Formula::State::mean; }) return member == &Formula::State::v;
    return false;
  }

  static Expected expected(std::size_t s, std::size_t i, std::size_t quantity, double before,
                           const Number& number) {
    return {s, i, quantity, before, number.value, number.radius, number.magnitude};
  }

  HyperparametersOf<Rule> h_;
  const Job& job_;
  const Run& run_;
  std::size_t count_;
  std::vector<rules::Named<typename Formula::State, Number>> shown_;
  const Storage& storage_;
  std::vector<std::size_t> narrow_;  ///< states that are stored in 16 bits, by their place
  std::vector<typename Formula::State> states_;
  std::vector<bool> nan_is_kept_;  ///< by a state, of a root that may have been none
};

template <class Rule>
void follow_of(const Map& map, Habit habit, const Job& job, const Run& run,
               const std::function<bool(const Expected&)>& visit) {
  const auto h = described<Rule>(map);
  const auto& storage = job.setup.format;
  const auto follow = [&]<class Number>() { Follower<Rule, Number>(h, job, run).follow(visit); };
  if (storage.rounds_each_operation) return follow.template operator()<AnyOrder<Bfloat16>>();
  if (storage.arithmetic() == Format::float64)
    return follow.template operator()<AnyOrder<double>>();
  // A step in float is judged in double, as identify does.
  using Single = identify::Judging<float>;
  if (habit == no_habit && !storage.has_narrow_states())
    return follow.template operator()<Single>();
  const Otherwise otherwise = habit == no_habit ? Otherwise() : all_habits[habit - 1];
  const proofs::Forming formed(otherwise.how);
  const Program program(otherwise.approximates, otherwise.multiplies);
  follow.template operator()<AsProgrammed<Single>>();
}

}  // namespace truestep::trial
