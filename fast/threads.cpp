#include "threads.hpp"

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace truestep::fast {
namespace {

/// Of a helper: without a task, offered one, at work on it, or told to end.
enum class State : int { idle, offered, working, ending };

/// Tells the processor that this thread waits for another.
void pause() {
#if defined(__SSE2__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Returns once `state` is another than `current`, whose value is then returned. The clock is
/// looked at seldom, because that takes longer than most waits.
State wait_while(const std::atomic<State>& state, State current) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::microseconds active(50);
  constexpr int looks = 64;
  Clock::time_point until = Clock::time_point::max();
  while (true) {
    for (int i = 0; i < looks; ++i) {
      const State now = state.load(std::memory_order_acquire);
      if (now != current) return now;
      pause();
    }
    const auto now = Clock::now();
    if (now >= until) break;
    until = std::min(until, now + active);
  }
  state.wait(current);
  return state.load();
}

/// Each helper has a cache line of its own, over which it is offered a task and says that it is
/// done.
struct alignas(64) Helper {
  std::atomic<State> state = State::idle;
  std::jthread thread;

  ~Helper() { set(State::ending); }

  // Sequentially consistent, since notify_one looks whether anybody sleeps, and may not look before
  // the store is seen.
  void set(State value) {
    state.store(value);
    state.notify_one();
  }

  /// The helper takes what it is offered, or the caller takes it back.
  bool take(State next) {
    State current = State::offered;
    return state.compare_exchange_strong(current, next);
  }
};

}  // namespace

class Threads::Team {
 public:
  explicit Team(std::size_t helpers) : helpers_(helpers) {
    for (std::size_t i = 0; i < helpers; ++i)
      helpers_[i].thread = std::jthread([this, i] { serve(i); });
  }

  std::size_t size() const { return helpers_.size() + 1; }

  void run(std::size_t count, Task task) {
    if (helpers_.empty() || count < 2 || busy_.exchange(true, std::memory_order_acquire)) {
      for (std::size_t i = 0; i < count; ++i) task(i);
      return;
    }
    task_ = &task;
    count_ = count;
    const std::size_t offers = std::min(helpers_.size(), count - 1);
    for (std::size_t i = 0; i < offers; ++i) helpers_[i].set(State::offered);
    perform_from(0);
    // Nobody waits for a helper that has not begun: its processor may be at other work.
    for (std::size_t i = 0; i < offers; ++i)
      if (helpers_[i].take(State::idle)) perform_from(i + 1);
    for (std::size_t i = 0; i < offers; ++i) wait_while(helpers_[i].state, State::working);
    busy_.store(false, std::memory_order_release);
  }

 private:
  void serve(std::size_t index) {
    Helper& helper = helpers_[index];
    while (wait_while(helper.state, State::idle) != State::ending) {
      if (!helper.take(State::working)) continue;
      perform_from(index + 1);
      helper.set(State::idle);
    }
  }

  void perform_from(std::size_t first) noexcept {
    for (std::size_t i = first; i < count_; i += size()) (*task_)(i);
  }

  const Task* task_ = nullptr;
  std::size_t count_ = 0;
  std::atomic<bool> busy_ = false;
  std::vector<Helper> helpers_;  // last, so that all else outlives the threads
};

Threads::Threads(std::size_t count) {
  if (count < 1 || count > 1024)
    throw std::invalid_argument("threads: count = " + std::to_string(count) +
                                " is outside [1, 1024]");
  team_ = std::make_unique<Team>(count - 1);
}

Threads::~Threads() = default;

std::size_t Threads::count() const { return team_->size(); }

void Threads::operator()(std::size_t count, Task task) const { team_->run(count, task); }

Executor calling_thread() {
  static constexpr auto one_after_another = [](std::size_t count, Task task) {
    for (std::size_t i = 0; i < count; ++i) task(i);
  };
  return {1, one_after_another};
}

}  // namespace truestep::fast
