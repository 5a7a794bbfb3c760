// SPDX-License-Identifier: Apache-2.0
#include "reference.hpp"

#include <algorithm>
#include <stdexcept>
#include <type_traits>

#include "follow.hpp"
#include "habits.hpp"

namespace truestep::trial {
namespace {

/// Calls action.template operator()<Rule>() for the map's rule.
template <class Action>
void of_rule(const Map& map, const Action& action) {
  settings::with_rule(map.rule, [&]<class Rule>(Rule) { action.template operator()<Rule>(); });
}

template <class Rule>
std::string class_or_system(std::string_view convention) {
  const auto& row = *fast::find_convention<HyperparametersOf<Rule>>(convention);
  return std::string(row.class_name.empty() ? row.name : row.class_name);
}

Hyperparameter::Kind kind_of(std::string_view name, fast::Domain domain) {
  using enum Hyperparameter::Kind;
  if (domain == fast::Domain::weight) return weight;
  if (domain == fast::Domain::fraction) return fraction;
  return name.starts_with("epsilon") ? epsilon : scale;
}

}  // namespace

std::size_t habits(const Storage& storage) {
  return storage.arithmetic() == Format::float32 ? all_habits.size() : 0;
}

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
    const HyperparametersOf<Rule> without_effect;
    fast::for_each_number<typename Rule::Fast>(
        [&]<class Value>(const fast::NamedNumber<HyperparametersOf<Rule>, Value>& number) {
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
    for (const auto& row : fast::conventions_of<HyperparametersOf<Rule>>) {
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

std::vector<std::string> rules_beside(const std::string& rule) {
  std::vector<std::string> names;
  settings::for_each_rule([&]<class Rule>(Rule) {
    if (Rule::name != rule) names.emplace_back(Rule::name);
  });
  return names;
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
    settings::for_each_member<HyperparametersOf<Rule>>(
        [&]<class Type>(const rules::Named<HyperparametersOf<Rule>, Type>& named) {
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
    const auto names = settings::member_names<HyperparametersOf<Rule>>();
    found = std::find(names.begin(), names.end(), name) != names.end();
  });
  return found;
}

void follow(const Map& map, Habit habit, const Job& job, const Run& run,
            const std::function<bool(const Expected&)>& visit) {
  of_rule(map, [&]<class Rule>() { follow_of<Rule>(map, habit, job, run, visit); });
}

}  // namespace truestep::trial
