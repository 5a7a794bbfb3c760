// SPDX-License-Identifier: Apache-2.0
#include "reference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <type_traits>

#include "approximate.hpp"
#include "identify/replay.hpp"
#include "runs/given.hpp"

namespace truestep::trial {
namespace {

using proofs::AnyOrder;
using proofs::Coefficients;

template <class Rule>
using Numbers = typename Rule::Hyperparameters;

/// Throws std::invalid_argument outside the rule's domain.
template <class Rule>
Numbers<Rule> described(const Map& map) {
  auto h = fast::convention<Numbers<Rule>>(map.convention);
  settings::apply<Rule>(h, map.set);
  Rule::template formula<AnyOrder<double>>(h, 1);
  return h;
}

/// Calls action.template operator()<Rule>() for the map's rule.
template <class Action>
void of_rule(const Map& map, const Action& action) {
  settings::with_rule(map.rule, [&]<class Rule>(Rule) { action.template operator()<Rule>(); });
}

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
        states_[i] = now;
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

/// What a program in float does otherwise than a sane one.
struct Otherwise {
  Coefficients how = {};
  bool approximates = false;  ///< quotients and roots
  bool multiplies = false;    ///< floats to a power
};

/// Identify's habits, a power made of float products, and each of these with quotients and roots
/// that are approximated; the likelier first.
constexpr auto all_habits = [] {
  using enum Coefficients::Powers;
  constexpr auto known = identify::habits.size(), count = known + 2;
  std::array<Otherwise, 2 * count + 1> all{};
  for (std::size_t i = 0; i < known; ++i) all[i].how = identify::habits[i];
  all[known] = {{false, of_rounded}, false, true};
  all[known + 1] = {{true, of_rounded}, false, true};
  all[count].approximates = true;
  for (std::size_t i = 0; i < count; ++i) {
    all[count + 1 + i] = all[i];
    all[count + 1 + i].approximates = true;
  }
  return all;
}();

template <class Rule, Habit i = 1>
void follow_habit(Habit habit, const Numbers<Rule>& h, const Job& job, const Run& run,
                  const std::function<bool(const Expected&)>& visit) {
  if constexpr (i <= all_habits.size()) {
    if (habit == i) {
      constexpr auto its = all_habits[i - 1];
      using Number = AnyOrder<float, its.how>;
      if constexpr (its.approximates || its.multiplies)
        Follower<Rule, Approximate<Number, its.approximates, its.multiplies>>(h, job, run)
            .follow(visit);
      else
        Follower<Rule, Number>(h, job, run).follow(visit);
      return;
    }
    follow_habit<Rule, i + 1>(habit, h, job, run, visit);
  }
}

template <class Rule>
std::string class_or_system(std::string_view convention) {
  const auto& row = *fast::find_convention<Numbers<Rule>>(convention);
  return std::string(row.class_name.empty() ? row.name : row.class_name);
}

Hyperparameter::Kind kind_of(std::string_view name, fast::Domain domain) {
  using enum Hyperparameter::Kind;
  if (domain == fast::Domain::weight) return weight;
  if (domain == fast::Domain::fraction) return fraction;
  return name.starts_with("epsilon") ? epsilon : scale;
}

}  // namespace

std::size_t habits(Format format) { return format == Format::float32 ? all_habits.size() : 0; }

std::string words(Habit habit) {
  using enum Coefficients::Powers;
  if (habit == no_habit) return "";
  const auto& [how, approximates, multiplies] = all_habits[habit - 1];
  std::string all = how.one_minus_rounded ? "1 - beta is formed from the float beta" : "";
  const auto add = [&](const char* text) {
    all += (all.empty() ? "" : ", and ") + std::string(text);
  };
  if (how.powers == running_product) add("beta^t is a float product carried from step to step");
  if (multiplies) add("beta^t is a product of floats");
  if (how.powers == of_rounded && !multiplies) add("beta^t is a power of the float beta");
  if (how.powers == power_function) add("beta^t is a power of the float beta, taken in float");
  if (approximates) add("quotients and roots are approximated, as by -ffast-math");
  return all;
}

std::vector<Hyperparameter> hyperparameters(const Map& map) {
  std::vector<Hyperparameter> all;
  of_rule(map, [&]<class Rule>() {
    const auto h = described<Rule>(map);
    const Numbers<Rule> without_effect;
    fast::for_each_number<typename Rule::Fast>(
        [&]<class Value>(const fast::NamedNumber<Numbers<Rule>, Value>& number) {
          if constexpr (std::is_same_v<Value, double>) {
            const bool own = number.part == fast::Part::every_version;
            const double value = h.*number.member;
            const bool acts = own || value != without_effect.*number.member;
            all.push_back({number.name, kind_of(number.name, number.domain), value, own, acts});
          }
        });
  });
  return all;
}

NumberList acting(const Map& map, const NumberList& numbers) {
  NumberList some;
  const auto all = hyperparameters(map);
  for (const auto& each : numbers)
    for (const auto& number : all)
      if (number.name == each.first && number.acts) some.push_back(each);
  return some;
}

std::vector<std::string> states(const Map& map) {
  std::vector<std::string> names;
  of_rule(map, [&]<class Rule>() {
    for (const auto& state : rules::states_of<Rule, AnyOrder<double>>(described<Rule>(map)))
      names.emplace_back(state.name);
  });
  return names;
}

std::string called(const Map& map, const NumberList& apart_from) {
  std::string all;
  of_rule(map, [&]<class Rule>() { all = class_or_system<Rule>(map.convention); });
  for (const auto& [name, value] : map.set) {
    const bool is_apart =
        std::any_of(apart_from.begin(), apart_from.end(),
                    [&, &name = name](const auto& each) { return each.first == name; });
    if (!is_apart) all += "," + name + "=" + settings::text_of(value);
  }
  return all;
}

std::vector<Map> conventions(const Map& map) {
  std::vector<Map> all;
  of_rule(map, [&]<class Rule>() {
    for (const auto& row : fast::conventions_of<Numbers<Rule>>) {
      const Map other{map.rule, std::string(row.name), map.set};
      try {
        described<Rule>(other);
        all.push_back(other);
      } catch (const std::invalid_argument&) {
        continue;  // the convention has no such combination
      }
    }
  });
  return all;
}

std::vector<Map> one_choice_otherwise(const Map& map) {
  std::vector<Map> all;
  of_rule(map, [&]<class Rule>() {
    const auto h = described<Rule>(map);
    const auto add = [&](const char* name, const settings::Value& value) {
      Map other = map;
      other.set[name] = value;
      try {
        described<Rule>(other);
        all.push_back(other);
      } catch (const std::invalid_argument&) {
        return;
      }
    };
    settings::for_each_member<Numbers<Rule>>(
        [&]<class Type>(const rules::Named<Numbers<Rule>, Type>& named) {
          if constexpr (std::is_same_v<Type, std::uint64_t>) {
            for (std::uint64_t value = 0; value <= 3; ++value)
              if (value != h.*named.member) add(named.name, value);
          } else if constexpr (!std::is_same_v<Type, double>) {
            for (std::size_t i = 0; i < settings::words(Type()).values.size(); ++i)
              if (static_cast<Type>(i) != h.*named.member) add(named.name, static_cast<Type>(i));
          }
        });
  });
  return all;
}

Map with_numbers(Map map, const NumberList& numbers) {
  for (const auto& [name, value] : numbers) map.set[name] = value;
  of_rule(map, [&]<class Rule>() { described<Rule>(map); });
  return map;
}

bool same(const Map& a, const Map& b) {
  bool result = false;
  of_rule(a, [&]<class Rule>() {
    result = a.rule == b.rule && fast::without_idle_choices(described<Rule>(a)) ==
                                     fast::without_idle_choices(described<Rule>(b));
  });
  return result;
}

bool has(const Map& map, const std::string& name) {
  bool found = false;
  of_rule(map, [&]<class Rule>() {
    const auto names = settings::member_names<Numbers<Rule>>();
    found = std::find(names.begin(), names.end(), name) != names.end();
  });
  return found;
}

void follow(const Map& map, Habit habit, const Job& job, const Run& run,
            const std::function<bool(const Expected&)>& visit) {
  of_rule(map, [&]<class Rule>() {
    const auto h = described<Rule>(map);
    if (habit != no_habit) return follow_habit<Rule>(habit, h, job, run, visit);
    if (job.setup.format == Format::float32)
      follow_in<Rule, float>(h, job, run, visit);
    else
      follow_in<Rule, double>(h, job, run, visit);
  });
}

}  // namespace truestep::trial
