// SPDX-License-Identifier: Apache-2.0
#include "search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>

namespace truestep::trial {
namespace {

using At = std::function<Map(const NumberList&)>;

At at_numbers(const Map& map) {
  return [map](const NumberList& told) { return with_numbers(map, told); };
}

/// The declared map's choices; its numbers are told at each run.
Map without_numbers(Map map, const NumberList& told) {
  for (const auto& [name, value] : told) map.set.erase(name);
  return map;
}

/// The conventions of the table, each of its own choices, and its own numbers where what is told
/// has no effect in the declared map.
std::vector<Explanation> of_the_table(const Map& declared, const NumberList& told) {
  std::vector<Explanation> all;
  Map bare{declared.rule, declared.convention};
  const auto telling = acting(declared, told);
  for (const auto& [name, value] : telling) bare.set[name] = value;
  for (const auto& other : conventions(bare))
    all.push_back({called(other, told), no_habit, [declared, other](const NumberList& its) {
                     return with_numbers(other, acting(declared, its));
                   }});
  return all;
}

/// The choices of a map that are not the declared one's, as "epsilon_place=inside".
std::string otherwise(const Map& map, const Map& declared) {
  std::string all;
  for (const auto& [name, value] : map.set) {
    const auto before = declared.set.find(name);
    if (before != declared.set.end() && before->second == value) continue;
    const Map alone{map.rule, map.convention, {{name, value}}};
    const auto text = called(alone);
    all += (all.empty() ? "" : " and ") + text.substr(text.find(',') + 1);
  }
  return all;
}

std::vector<Explanation> with_choices(const Map& declared, const std::vector<Map>& others) {
  std::vector<Explanation> all;
  for (const auto& other : others)
    all.push_back({"that with " + otherwise(other, declared), no_habit, at_numbers(other)});
  return all;
}

/// The declared map at other numbers than those told.
Explanation at_other_numbers(const Map& declared, const std::string& words,
                             const std::function<void(NumberList&)>& change) {
  return {"that with " + words, no_habit, [declared, change](const NumberList& told) {
            NumberList changed = told;
            change(changed);
            return with_numbers(declared, changed);
          }};
}

double& value_of(NumberList& numbers, const std::string& name) {
  return std::find_if(numbers.begin(), numbers.end(),
                      [&](const auto& each) { return each.first == name; })
      ->second;
}

/// What the conventions have of a number by themselves, and 0.
std::set<double> usual_values(const Map& declared, const std::string& name) {
  std::set<double> values{0};
  for (const auto& other : conventions({declared.rule, declared.convention}))
    for (const auto& number : hyperparameters(other))
      if (number.name == name) values.insert(number.value);
  return values;
}

/// Both are mistakes of systems: sqrt(v + epsilon), and sqrt(v + epsilon^2).
std::vector<Explanation> with_epsilon_in_the_root(const Map& declared, const NumberList& told) {
  const std::string name = "epsilon", inside = "epsilon_root";
  const bool is_told =
      std::any_of(told.begin(), told.end(), [&](const auto& each) { return each.first == name; });
  if (!is_told || !has(declared, inside)) return {};
  const auto moved = [&](const std::string& words, double (*change)(double)) {
    return at_other_numbers(declared, words, [name, inside, change](NumberList& numbers) {
      const double epsilon = value_of(numbers, name);
      std::erase_if(numbers, [&](const auto& each) { return each.first == inside; });
      value_of(numbers, name) = 0;
      numbers.emplace_back(inside, change(epsilon));
    });
  };
  return {moved("epsilon inside the root", [](double x) { return x; }),
          moved("epsilon squared inside the root", [](double x) { return x * x; })};
}

std::vector<Explanation> with_numbers_otherwise(const Map& declared, const NumberList& told,
                                                const Storage& format) {
  auto all = with_epsilon_in_the_root(declared, told);
  const auto add = [&](const std::string& words, const std::function<void(NumberList&)>& change) {
    all.push_back(at_other_numbers(declared, words, change));
  };
  const auto change_one = [&](const std::string& name) {
    const auto changed = [&](const std::string& words, double (*change)(double)) {
      add(words, [name, change](NumberList& numbers) {
        double& value = value_of(numbers, name);
        value = change(value);
      });
    };
    changed(name + " squared", [](double x) { return x * x; });
    changed("the root of " + name, [](double x) { return std::sqrt(x); });
    changed("1 - " + name + " for " + name, [](double x) { return 1 - x; });
    changed("twice " + name, [](double x) { return 2 * x; });
    changed("half of " + name, [](double x) { return x / 2; });
    if (format.arithmetic() != Format::float64) return;
    changed(name + " rounded to float", [](double x) { return double{static_cast<float>(x)}; });
    changed("1 - " + name + " formed in float",
            [](double x) { return 1 - double{1 - static_cast<float>(x)}; });
  };
  const auto change_two = [&](const std::string& name, const std::string& other) {
    if (other == name) return;
    add(other + " for " + name,
        [name, other](NumberList& numbers) { value_of(numbers, name) = value_of(numbers, other); });
    if (name < other)
      add(name + " and " + other + " swapped", [name, other](NumberList& numbers) {
        std::swap(value_of(numbers, name), value_of(numbers, other));
      });
  };
  for (const auto& each : told) {
    const std::string name = each.first;
    for (const double value : usual_values(declared, name))
      add(fmt::format("{} = {} whatever it is told", name, value),
          [name, value](NumberList& numbers) { value_of(numbers, name) = value; });
  }
  const auto telling = acting(with_numbers(declared, told), told);
  for (const auto& first : telling) change_one(first.first);
  for (const auto& first : told)
    for (const auto& second : telling) change_two(first.first, second.first);
  return all;
}

std::vector<Map> two_choices_otherwise(const Map& declared) {
  std::vector<Map> all;
  std::set<std::string> seen;
  for (const auto& one : one_choice_otherwise(declared))
    for (const auto& two : one_choice_otherwise(one))
      if (two.set.size() == declared.set.size() + 2 && seen.insert(called(two)).second)
        all.push_back(two);
  return all;
}

/// Whether the map has a bound at a place.
bool claims(const Map& map, Habit habit, const Job& job, const Run& run, const Expected& place) {
  bool bounded = false;
  follow(map, habit, job, run, [&](const Expected& each) {
    const bool there = each.step == place.step && each.coordinate == place.coordinate &&
                       each.quantity == place.quantity;
    if (there) bounded = std::isfinite(each.radius);
    return !there;
  });
  return bounded;
}

/// What is to be explained: all courses beside the declared map.
struct Unexplained {
  const Map& declared;
  const std::vector<Course>& courses;
  const std::vector<bool>& left_out;
  std::vector<Judged> of_declared = {};

  Unexplained(const Map& map, const std::vector<Course>& all, const std::vector<bool>& others)
      : declared(map), courses(all), left_out(others) {
    for (const auto& [name, job, run] : courses)
      of_declared.push_back(judge(with_numbers(declared, job.setup.numbers), no_habit, job, run,
                                  Until::the_end, left_out));
  }
};

/// Whether what fits does not do so for want of claims: it has most of those that hold of the
/// declared map, and one where that is first wrong, if what was seen there is no number.
bool claims_enough(const At& map, Habit habit, std::size_t own, const Unexplained& asked) {
  std::size_t held = 0;
  for (std::size_t c = 0; c < asked.courses.size(); ++c) {
    const auto& [name, job, run] = asked.courses[c];
    const auto& of_declared = asked.of_declared[c];
    held += of_declared.results - of_declared.failures;
    const auto& wrong = of_declared.first;
    if (wrong && !std::isfinite(wrong->observed) &&
        !claims(map(job.setup.numbers), habit, job, run, wrong->expected))
      return false;
  }
  return 2 * own > held;
}

/// Those that fit with the habit.
std::vector<Explanation> that_fit(const std::vector<Explanation>& all, Habit habit,
                                  const Unexplained& asked) {
  std::vector<Explanation> fitting;
  for (const auto& each : all) {
    const auto judged = judged_if_it_fits(each.map, habit, asked.courses, asked.left_out);
    if (!judged) continue;
    std::size_t held = 0;
    for (const auto& of_one : *judged) held += of_one.results;
    if (!claims_enough(each.map, habit, held, asked)) continue;
    fitting.push_back(each);
    fitting.back().habit = habit;
  }
  return fitting;
}

/// The conventions of another rule that fit, at the numbers that it shares with the declared map.
std::vector<Explanation> of_other_rules(const Unexplained& asked) {
  const Map& declared = asked.declared;
  for (const auto& rule : rules_beside(declared.rule)) {
    std::vector<Explanation> all;
    for (const auto& other : conventions({rule, ""}))
      all.push_back({called(other), no_habit, [declared, other](const NumberList& told) {
                       NumberList shared;
                       for (const auto& each : acting(declared, told))
                         if (has(other, each.first)) shared.push_back(each);
                       return with_numbers(other, shared);
                     }});
    auto found = that_fit(all, no_habit, asked);
    if (found.empty()) continue;
    found.insert(found.begin(), found.front());
    found.front().words = rule;
    return found;
  }
  return {};
}

/// What a program does to a run that no map does.
struct Deviation {
  std::string words;
  std::function<std::vector<Course>(const Course&)> edited;
};

/// Each step for itself, from the theta and the states that the run had there, but for one.
std::vector<Course> steps_without(const std::string& state, const Course& whole) {
  const auto& [name, job, run] = whole;
  const auto count = static_cast<std::ptrdiff_t>(job.setup.coordinates());
  const auto row = [&](const std::vector<double>& rows, std::size_t s) {
    return std::vector<double>(rows.begin() + std::ptrdiff_t(s) * count,
                               rows.begin() + std::ptrdiff_t(s + 1) * count);
  };
  std::vector<Course> all;
  for (std::size_t s = 0; s < run.steps; ++s) {
    Course one{name, {.setup = job.setup, .t = {job.t[s]}, .theta = job.theta}, {}};
    if (s > 0) {
      one.job.theta = row(run.theta, s - 1);
      for (std::size_t i = 0; i < job.put_back.size(); ++i)
        if (job.put_back[i]) one.job.theta[i] = job.theta[i];
    }
    one.job.gradients = row(job.gradients, s);
    one.run.steps = 1;
    one.run.theta = row(run.theta, s);
    for (const auto& [its, values] : run.states) {
      if (s > 0 && its != state) one.job.states[its] = row(values, s - 1);
      one.run.states[its] = row(values, s);
    }
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<Deviation> deviations(const std::vector<Course>& courses) {
  std::vector<Deviation> all{{"t - 1 for t, and 1 for 1", [](Course course) {
                                for (auto& t : course.job.t) t = std::max<std::uint64_t>(t - 1, 1);
                                return std::vector<Course>{std::move(course)};
                              }}};
  for (const auto& [state, values] : courses.front().run.states)
    all.push_back({state + " reset at every step",
                   [state = state](const Course& course) { return steps_without(state, course); }});
  return all;
}

/// The declared map with what is no map of its own.
std::vector<Explanation> deviations_that_fit(const Map& declared,
                                             const std::vector<Course>& courses,
                                             const std::vector<bool>& left_out) {
  std::vector<Explanation> fitting;
  for (const auto& [words, edited] : deviations(courses)) {
    std::vector<Course> all;
    for (const auto& course : courses)
      for (auto& each : edited(course)) all.push_back(std::move(each));
    if (fits(at_numbers(declared), no_habit, all, left_out))
      fitting.push_back(
          {"that with " + words, no_habit, at_numbers(declared), Explanation::Kind::deviation});
  }
  return fitting;
}

/// The states that are shown and leave the bound.
std::vector<std::string> states_outside(const Map& declared, Habit habit,
                                        const std::vector<Course>& courses,
                                        const std::vector<bool>& left_out) {
  Judged all;
  for (const auto& [name, job, run] : courses)
    add(all, judge(with_numbers(declared, job.setup.numbers), habit, job, run, Until::the_end,
                   left_out));
  const auto names = states(with_numbers(declared, courses.front().job.setup.numbers));
  std::vector<std::string> outside;
  for (std::size_t q = 0; q < names.size(); ++q)
    if (all.failures_of[q + 1] > 0) outside.push_back(names[q]);
  return outside;
}

/// The declared map, if it fits theta whatever states are shown: a program may scale its own.
std::vector<Explanation> in_theta_alone(const Map& declared, const std::vector<Course>& courses,
                                        const std::vector<bool>& left_out) {
  if (courses.front().run.states.empty()) return {};
  auto bare = courses;
  for (auto& course : bare) course.run.states.clear();
  const auto last = habits(courses.front().job.setup.format);
  for (Habit habit = no_habit; habit <= last; ++habit)
    if (fits(at_numbers(declared), habit, bare, left_out))
      return {{fmt::format("theta is as declared{}, but not what it shows as {}",
                           habit == no_habit ? "" : " if " + trial::words(habit),
                           fmt::join(states_outside(declared, habit, courses, left_out), " and ")),
               habit, at_numbers(declared), Explanation::Kind::states}};
  return {};
}

}  // namespace

std::optional<std::vector<Judged>> judged_if_it_fits(const At& map, Habit habit,
                                                     const std::vector<Course>& courses,
                                                     const std::vector<bool>& left_out) {
  std::vector<Judged> all;
  std::size_t teeth = 0;
  for (const auto& [name, job, run] : courses) {
    try {
      all.push_back(judge(map(job.setup.numbers), habit, job, run, Until::first_failure, left_out));
    } catch (const std::invalid_argument&) {
      return std::nullopt;  // numbers that the map cannot have
    }
    if (all.back().failures > 0) return std::nullopt;
    teeth += all.back().teeth;
  }
  if (teeth == 0) return std::nullopt;
  return all;
}

bool fits(const At& map, Habit habit, const std::vector<Course>& courses,
          const std::vector<bool>& left_out) {
  return judged_if_it_fits(map, habit, courses, left_out).has_value();
}

std::vector<Explanation> explanations(const Map& declared, const std::vector<Course>& courses,
                                      const std::vector<bool>& left_out) {
  const auto& told = courses.front().job.setup.numbers;
  const Map choices = without_numbers(declared, told);
  const Map at_first = with_numbers(choices, told);
  auto one = one_choice_otherwise(at_first);
  for (auto& each : one) each = without_numbers(each, told);
  const auto table = of_the_table(declared, told);
  const auto single = with_choices(choices, one);
  const auto numbers = with_numbers_otherwise(choices, told, courses.front().job.setup.format);
  const Unexplained asked(declared, courses, left_out);
  for (Habit habit = no_habit; habit <= habits(courses.front().job.setup.format); ++habit) {
    auto found = that_fit(single, habit, asked);
    const auto rows = that_fit(table, habit, asked);
    found.insert(found.end(), rows.begin(), rows.end());
    if (found.empty()) found = that_fit(numbers, habit, asked);
    if (!found.empty()) return found;
  }
  auto two = two_choices_otherwise(at_first);
  for (auto& each : two) each = without_numbers(each, told);
  auto found = that_fit(with_choices(choices, two), no_habit, asked);
  if (found.empty()) found = of_other_rules(asked);
  if (found.empty()) found = deviations_that_fit(choices, courses, left_out);
  if (found.empty()) found = in_theta_alone(choices, courses, left_out);
  return found;
}

}  // namespace truestep::trial
