// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "trial.hpp"

namespace truestep::trial {
namespace {

constexpr std::size_t steps_from_elsewhere = 4;

/// Where a counter kept in float or in 16 bits sticks or turns over, and beyond.
constexpr std::array<std::uint64_t, 4> late_steps{1000, 65534, (1 << 24) - 2, (1 << 26) + 1};

/// The end of a name "LEAD-NUMBER", or 0.
std::size_t number_in(const std::string& name, const std::string& lead) {
  std::size_t k = 0;
  if (name.starts_with(lead + "-"))
    std::from_chars(name.data() + lead.size() + 1, name.data() + name.size(), k);
  return k;
}

bool same_values(const Map& map, const Job& a, const Job& b, const Run& run) {
  std::vector<long double> first, second;
  follow(map, no_habit, a, run, [&](const Expected& each) {
    first.push_back(each.value);
    return true;
  });
  follow(map, no_habit, b, run, [&](const Expected& each) {
    second.push_back(each.value);
    return true;
  });
  return first == second;
}

}  // namespace

/// Steps from the same place at t = 1 and later: where the formula makes another step of it and the
/// kernel does not, it counts by itself. Where states can be set, they are, since at its first step
/// a rule may look at none.
bool Trial::told() {
  if (told_) return *told_;
  std::optional<Job> first;
  if (elsewhere_ == nullptr) first = from_any_state(1);
  if (first) {
    first->t[0] = 1;
    if (!drive("state-1", *first).took_states) first.reset();
  }
  if (!first) first = given("told-1", told_job(false));
  auto later = *first;
  for (auto& t : later.t) t += late_steps[0] - 1;
  later = given("told-2", std::move(later));
  const auto run = drive("told-1", *first);
  if (same_values(at(*first), *first, later, run))
    told_ = true;
  else if (request_.format.is_stochastic)  // any two runs differ there
    told_ = judge(at(later), habit_, later, drive("told-2", later)).failures == 0;
  else
    told_ = !differing(run, drive("told-2", later), usual_length).empty();
  return *told_;
}

Job Trial::told_job(bool late) const {
  auto job = course_named("telling", Numbers::telling, steps_from_elsewhere);
  for (auto& t : job.t) t += late ? late_steps[0] - 1 : 0;
  return job;
}

Job Trial::late(std::size_t k) const {
  const auto name = fmt::format("late-{}", k);
  auto job = course_named(name, k == 1 ? Numbers::telling : Numbers::own, steps_from_elsewhere);
  for (auto& t : job.t) t += late_steps[(k - 1) % late_steps.size()] - 1;
  return job;
}

/// States that the kernel had in the course "telling", put in other coordinates, under other
/// thetas, gradients, numbers and t. Those of one coordinate stay together: not all numbers are a
/// state.
std::optional<Job> Trial::from_any_state(std::size_t k) {
  const auto& states = courses_[1].run.states;
  if (states.size() != courses_[1].job.shown.size() || states.empty()) return {};
  return from_states(k, states);
}

Job Trial::from_states(std::size_t k,
                       const std::map<std::string, std::vector<double>>& states) const {
  const auto name = fmt::format("state-{}", k);
  auto job = course_named(name, k == 1 ? Numbers::telling : Numbers::drawn, 1);
  Random random(request_.seed, name + " states");
  for (std::size_t i = 0; i < usual_length; ++i) {
    const auto from = random.next() % states.begin()->second.size();
    for (const auto& [state, values] : states)
      job.states[state].push_back(std::isfinite(values[from]) ? values[from] : 0);
  }
  job.t[0] = 2 + random.next() % (std::uint64_t{1} << random.next() % 20);
  return job;
}

std::optional<Job> Trial::job_named(const std::string& name) {
  if (elsewhere_ != nullptr) {
    if (!has_run(name)) return {};
    return elsewhere_->jobs.at(name);
  }
  for (const auto& course : courses_)
    if (course.name == name) return course.job;
  for (const auto which : {Numbers::own, Numbers::telling})
    if (name == (which == Numbers::own ? "long-own" : "long-telling"))
      return course_named(name, which, steps_of_a_long_course);
  if (const auto k = number_in(name, "state"); k > 0) return from_any_state(k);
  if (const auto k = number_in(name, "late"); k > 0 && k <= late_steps.size()) return late(k);
  if (const auto n = number_in(name, "length"); name == "length-0" || (n > 0 && n <= usual_length))
    return shortened(plain_course(), n);
  return {};
}

void Trial::steps_section() {
  const auto claims = report_.claims;
  const auto hold_named = [&](const std::string& name) {
    const auto job = job_named(name);
    if (!job) return false;
    const auto run = drive(name, *job);
    if (!job->states.empty() && !run.took_states) return false;
    if (run.steps > 0) hold("steps", name, *job, run);
    return true;
  };
  hold_named("long-own");
  hold_named("long-telling");
  std::string apart = "held from its beginning";
  if (!has_run("told-1") || !has_run("told-2")) {
    apart += "; whether it is told t is not determined, since told-1 and told-2 are not there";
  } else if (!told()) {
    apart += "; it counts its steps itself, so that no other t was tried";
  } else {
    for (std::size_t k = 1; k <= late_steps.size(); ++k) hold_named(fmt::format("late-{}", k));
    apart += fmt::format(", at t to {}", late_steps.back() + steps_from_elsewhere - 1);
    bool any = has_run("state-1");
    for (std::size_t k = 1; any && k <= 4 * request_.trials; ++k)
      any = hold_named(fmt::format("state-{}", k));
    apart += any ? " and from any state" : elsewhere_ == nullptr ? "; it lets no state be set" : "";
  }
  const auto& shown = courses_[1].run.states;
  std::string names;
  for (const auto& [name, values] : shown) names += ", " + name;
  say("steps", fmt::format("{} steps of a coordinate {}; theta{} looked at",
                           report_.claims - claims, apart, names));
}

namespace {

/// States that the formula has on the way of a course whose theta stands still.
std::map<std::string, std::vector<double>> states_on_the_way(const Map& map, const Job& job) {
  Run run;
  run.steps = job.steps();
  for (std::size_t s = 0; s < job.steps(); ++s)
    run.theta.insert(run.theta.end(), job.theta.begin(), job.theta.end());
  const auto names = states(map);
  std::map<std::string, std::vector<double>> all;
  for (const auto& name : names) all[name].resize(run.theta.size());
  follow(map, no_habit, job, run, [&](const Expected& each) {
    if (each.quantity == 0) return true;
    const auto& name = names[each.quantity - 1];
    all[name][each.step * job.setup.coordinates() + each.coordinate] =
        nearest(job.setup.format.state(name), static_cast<double>(each.value));
    return true;
  });
  return all;
}

}  // namespace

std::map<std::string, Job> Trial::jobs_for_a_file() const {
  std::map<std::string, Job> jobs;
  const auto add = [&](const std::string& name, Job job) { jobs.emplace(name, std::move(job)); };
  for (const auto& name : names_of_courses(request_.trials)) {
    const auto which = name == "own"       ? Numbers::own
                       : name == "telling" ? Numbers::telling
                                           : Numbers::drawn;
    add(name, course_named(name, which, steps_of_a_course));
  }
  add("long-own", course_named("long-own", Numbers::own, steps_of_a_long_course));
  add("long-telling", course_named("long-telling", Numbers::telling, steps_of_a_long_course));
  add("told-1", told_job(false));
  add("told-2", told_job(true));
  for (std::size_t k = 1; k <= late_steps.size(); ++k) add(fmt::format("late-{}", k), late(k));
  const auto plain = plain_course();
  add("plain", plain);
  add("again", plain);
  add("tensors", in_tensors(plain));
  const auto& telling = jobs.at("telling");
  const auto states = states_on_the_way(with_numbers(request_.map, telling.setup.numbers), telling);
  for (std::size_t k = 1; !states.empty() && k <= 4 * request_.trials; ++k)
    add(fmt::format("state-{}", k), from_states(k, states));
  add("reversed", reversed(plain));
  add("negated", negated(plain));
  add("doubled", doubled(plain));
  for (const auto n : other_lengths()) add(fmt::format("length-{}", n), shortened(plain, n));
  for (std::size_t k = 1; k <= special_gradients(request_.format.gradients).size(); ++k)
    add(fmt::format("special-{}", k), with_special_gradient(plain, k));
  add("zeros", with_zero_gradients(plain));
  return jobs;
}

void Trial::one_run(const std::string& only) {
  const auto slash = only.find('/');
  const auto name = only.substr(0, slash);
  const auto job = job_named(name);
  if (!job)
    throw std::invalid_argument(
        fmt::format("only = {} is neither one of {{{}}} nor a run such as telling/17", only,
                    fmt::join(section_names(), ", ")));
  const auto run = drive(name, *job);
  std::vector<bool> left_out;
  if (slash != only.npos) {
    std::size_t coordinate = 0;
    std::from_chars(only.data() + slash + 1, only.data() + only.size(), coordinate);
    left_out.assign(job->setup.coordinates(), true);
    if (coordinate >= left_out.size())
      throw std::invalid_argument(fmt::format("only = {}: coordinate = {} is outside [0, {})", only,
                                              coordinate, left_out.size()));
    left_out[coordinate] = false;
  }
  const auto map = with_numbers(request_.map, job->setup.numbers);
  const auto judged =
      judge(map, is_declared_ ? habit_ : no_habit, *job, run, Until::the_end, left_out);
  const Place& place = judged.first ? *judged.first : judged.worst;
  const auto text = fmt::format("{} is {} the bound, at {:.3g} of it", only,
                                judged.first ? "outside" : "within", place.share);
  say("run", text);
  if (judged.first)
    find({"run", "outside_bound", text, true, described(place, map, *job, run), only});
}

}  // namespace truestep::trial
