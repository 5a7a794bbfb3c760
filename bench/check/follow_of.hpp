// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "approximate.hpp"
#include "follow.hpp"
#include "habits.hpp"

/// The reference over a number type for every habit: compiled a rule in each file.
namespace truestep::trial {

template <class Rule, class Number>
class Follower {
 public:
  Follower(const Numbers<Rule>& h, const Job& job, const Run& run)
      : h_(h),
        job_(job),
        run_(run),
        count_(job.setup.coordinates()),
        shown_(rules::states_of<Rule, Number>(h)),
        states_(count_, Formula::start(h)),
        nan_is_kept_(count_) {
    // What a state begins at is stored in the format too, and is no coefficient.
    for (const auto& [name, member] : shown_)
      for (std::size_t i = 0; i < count_; ++i) {
        const auto given = job.states.find(name);
        states_[i].*member =
            data(given != job.states.end() ? given->second[i]
                                           : static_cast<double>((states_[i].*member).value));
      }
  }

  void follow(const std::function<bool(const Expected&)>& visit) {
    for (std::size_t s = 0; s < run_.steps; ++s) {
      const Formula formula = Rule::template formula<Number>(h_, job_.t[s]);
      for (std::size_t i = 0; i < count_; ++i) {
        const double before = theta_before(s, i);
        if (!std::isfinite(before)) continue;
        const auto now =
            formula.step(data(before), states_[i], data(job_.gradients[s * count_ + i]));
        states_[i] = proofs::stored<Formula>(now);
        const bool may_be_nan = may_be_negative(now) || nan_is_kept_[i];
        nan_is_kept_[i] =
            may_be_nan && (keeps_quotients() || !std::isfinite(run_.theta[s * count_ + i]));
        const auto claimed = [&](Expected each, bool is_claimed) {
          if (!is_claimed) each.radius = std::numeric_limits<long double>::infinity();
          return each;
        };
        if (!visit(claimed(expected(s, i, 0, before, now.theta), !may_be_nan))) return;
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

  static Number data(double x) { return Number::data(static_cast<T>(x)); }

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

  Numbers<Rule> h_;
  const Job& job_;
  const Run& run_;
  std::size_t count_;
  std::vector<rules::Named<typename Formula::State, Number>> shown_;
  std::vector<typename Formula::State> states_;
  std::vector<bool> nan_is_kept_;  ///< by a state, of a root that may have been none
};

template <class Rule, class T>
void follow_in(const Numbers<Rule>& h, const Job& job, const Run& run,
               const std::function<bool(const Expected&)>& visit) {
  Follower<Rule, AnyOrder<T>>(h, job, run).follow(visit);
}

template <class Rule>
void follow_habit(Habit habit, const Numbers<Rule>& h, const Job& job, const Run& run,
                  const std::function<bool(const Expected&)>& visit) {
  const auto& [how, approximates, multiplies] = all_habits[habit - 1];
  const proofs::Forming formed(how);
  const auto follow = [&]<class Number>() { Follower<Rule, Number>(h, job, run).follow(visit); };
  using Exact = AnyOrder<float>;
  if (approximates && multiplies)
    follow.template operator()<Approximate<Exact, true, true>>();
  else if (approximates)
    follow.template operator()<Approximate<Exact, true, false>>();
  else if (multiplies)
    follow.template operator()<Approximate<Exact, false, true>>();
  else
    follow.template operator()<Exact>();
}

template <class Rule>
void follow_of(const Map& map, Habit habit, const Job& job, const Run& run,
               const std::function<bool(const Expected&)>& visit) {
  const auto h = described<Rule>(map);
  if (habit != no_habit) return follow_habit<Rule>(habit, h, job, run, visit);
  if (job.setup.format == Format::float32)
    follow_in<Rule, float>(h, job, run, visit);
  else
    follow_in<Rule, double>(h, job, run, visit);
}

}  // namespace truestep::trial
