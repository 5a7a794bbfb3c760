// SPDX-License-Identifier: Apache-2.0
#include "rounds.hpp"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

namespace truestep::speed {
namespace {

/// A slow candidate does not need all its calls. The clock is read after 1, 2, 4, ... of them.
constexpr std::chrono::milliseconds longest_turn(5);

/// How many times as long as all threads rest, a candidate runs untimed: Linux wakes a thread on
/// the processor that is awake, and takes some milliseconds to find it another.
constexpr int settling = 2;

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

std::vector<double> ratios(const std::vector<double>& above, const std::vector<double>& below) {
  std::vector<double> quotients(above.size());
  std::ranges::transform(above, below, quotients.begin(), std::divides());
  return quotients;
}

}  // namespace

std::size_t values_outside(std::size_t n) {
  double probability = std::ldexp(1., -static_cast<int>(n)), at_most_k = probability;
  std::size_t k = 0;
  for (;; ++k) {
    probability *= static_cast<double>(n - k) / static_cast<double>(k + 1);
    at_most_k += probability;
    if (at_most_k > .025) return k;
  }
}

Interval median_interval(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t outside = values_outside(values.size());
  return {values[outside], median(values), values[values.size() - 1 - outside]};
}

Rounds::Rounds(std::vector<Candidate> candidates, std::size_t calls, std::chrono::milliseconds rest,
               Clock clock)
    : calls_(calls), rest_(rest), clock_(std::move(clock)) {
  for (auto& candidate : candidates) timed_.push_back({std::move(candidate), {}});
}

double Rounds::run() {
  std::vector<Timed*> turns;
  for (auto& timed : timed_) turns.push_back(&timed);
  std::ranges::shuffle(turns, order_);
  for (Timed* timed : turns) timed->nanoseconds.push_back(turn(timed->candidate));
  return by_time({Role::ours}).front()->nanoseconds.back();
}

double Rounds::turn(const Candidate& candidate) const {
  std::this_thread::sleep_for(rest_);
  const auto awake = clock_();
  do candidate.step();
  while (clock_() - awake < settling * rest_);
  std::size_t called = 0;
  std::chrono::nanoseconds time{0};
  for (const auto begin = clock_(); called < calls_ && time < longest_turn; time = clock_() - begin)
    for (const auto until = std::min(calls_, std::max<std::size_t>(1, 2 * called)); called < until;
         ++called)
      candidate.step();
  return static_cast<double>(time.count()) / static_cast<double>(called);
}

std::vector<const Rounds::Timed*> Rounds::by_time(std::initializer_list<Role> roles) const {
  std::vector<const Timed*> chosen;
  for (const Timed& timed : timed_)
    if (std::ranges::count(roles, timed.candidate.role) != 0) chosen.push_back(&timed);
  std::ranges::sort(chosen, {}, [](const Timed* timed) { return median(timed->nanoseconds); });
  return chosen;
}

Figures Rounds::figures() const {
  const Timed &ours = *by_time({Role::ours}).front(), &loop = *by_time({Role::loop}).front(),
              &peer = *by_time({Role::loop, Role::peer}).front(),
              &limit = *by_time({Role::limit}).back();
  const auto over_ours = [&](const Timed& other) {
    return median_interval(ratios(other.nanoseconds, ours.nanoseconds));
  };
  Figures figures{median(ours.nanoseconds), over_ours(loop).median, over_ours(peer),
                  over_ours(limit).median,  peer.candidate.name,    {}};
  for (const Timed& timed : timed_)
    figures.all.emplace_back(timed.candidate.name, median(timed.nanoseconds));
  return figures;
}

double Rounds::over_ours(const std::string& name) const {
  const auto& other = *std::ranges::find(
      timed_, name, [](const Timed& timed) -> const std::string& { return timed.candidate.name; });
  return median(ratios(other.nanoseconds, by_time({Role::ours}).front()->nanoseconds));
}

}  // namespace truestep::speed
