// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace truestep::speed {

/// A loop is a peer too; what is aside is timed beside ours and is no rival.
enum class Role { ours, loop, peer, limit, aside };

/// One way to make a step, or a limit of it.
struct Candidate {
  std::string name;
  Role role;
  std::function<void()> step;
};

/// The median, and bounds that hold that of the population with a probability of at least 95 %.
struct Interval {
  double low, median, high;
};

/// How many values at either end lie outside the interval: the largest k for which at most k of n
/// independent values lie below the median with a probability of at most 2.5 %. No distribution is
/// assumed. Below six values there is none, and all of them do not make 95 %.
std::size_t values_outside(std::size_t n);

/// The interval of the median of at least one value; of less than six it is all of them.
Interval median_interval(std::vector<double> values);

/// Times are nanoseconds per call, medians over the rounds.
struct Figures {
  double ours;
  double vs_loop;         ///< time of the fastest loop / ours; above 1, ours is faster
  Interval vs_best_peer;  ///< time of the fastest peer / ours
  double of_limit;        ///< time of the larger limit / ours
  std::string best_peer;
  std::vector<std::pair<std::string, double>> all;
};

/// Candidates timed against each other, round by round: in a round each takes a turn of `calls`
/// calls, or of 5 ms, in an order drawn anew, after one call or more that nobody times, the first
/// of which finds the caches as another candidate left them. A ratio is the median of the rounds'
/// ratios, because times of different rounds are not comparable on a machine that is busy with
/// other things. The fastest loop or peer, and the larger limit, are those by the medians of their
/// times.
class Rounds {
 public:
  using Clock = std::function<std::chrono::nanoseconds()>;

  /// @param rest   before each turn, until the threads of another candidate have gone to sleep
  /// @param clock  time since any moment
  Rounds(
      std::vector<Candidate> candidates, std::size_t calls, std::chrono::milliseconds rest,
      Clock clock = [] { return std::chrono::steady_clock::now().time_since_epoch(); });

  /// Runs a round; nanoseconds per call of ours.
  double run();

  /// The figures of all rounds; there must be one, and a candidate for each role.
  Figures figures() const;

  /// Time of the candidate / ours, the median of the rounds' ratios.
  double over_ours(const std::string& name) const;

 private:
  struct Timed {
    Candidate candidate;
    std::vector<double> nanoseconds;
  };

  std::vector<const Timed*> by_time(std::initializer_list<Role>) const;
  double turn(const Candidate&) const;

  std::vector<Timed> timed_;
  std::size_t calls_;
  std::chrono::milliseconds rest_;
  Clock clock_;
  std::mt19937 order_;
};

}  // namespace truestep::speed
