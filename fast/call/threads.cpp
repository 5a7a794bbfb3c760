// SPDX-License-Identifier: Apache-2.0
#include <truestep/fast/threads.hpp>

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace truestep::fast {
namespace {

/// Tells the processor that this thread waits for another.
void pause() {
#if defined(__SSE2__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Returns once `word` is another than `current`. The clock is looked at seldom, because that takes
/// longer than most waits.
void wait_while(const std::atomic<std::uint32_t>& word, std::uint32_t current) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::microseconds active(50);
  constexpr int looks = 64;
  Clock::time_point until = Clock::time_point::max();
  while (true) {
    for (int i = 0; i < looks; ++i) {
      if (word.load(std::memory_order_acquire) != current) return;
      pause();
    }
    const auto now = Clock::now();
    if (now >= until) break;
    until = std::min(until, now + active);
  }
  word.wait(current);
}

/// Tasks first, first + stride, ... below count.
struct Share {
  Task task;
  std::size_t first, stride, count;

  void perform() const noexcept {
    for (std::size_t i = first; i < count; i += stride) task(i);
  }
};

/// A thread besides the one that calls, with a cache line of its own in which it is offered tasks
/// and says that they are done.
class alignas(64) Helper {
 public:
  Helper() = default;
  ~Helper() { set(word_ + ending); }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  void start() {
    thread_ = std::jthread([this] { serve(); });
  }

  void offer(const Share& share) {
    share_ = share;
    set(word_ + offered);
  }

  /// Whether it had not begun; then it is not going to.
  bool take_back() {
    std::uint32_t word = word_.load(std::memory_order_acquire);
    return phase(word) == offered && word_.compare_exchange_strong(word, word + (next - offered));
  }

  void await() const {
    std::uint32_t word;
    while (phase(word = word_.load(std::memory_order_acquire)) == working) wait_while(word_, word);
  }

  const Share& share() const { return share_; }

 private:
  // The word counts up, so that a helper that slept through an offer sees that there was one.
  static constexpr std::uint32_t idle = 0, offered = 1, working = 2, ending = 3, next = 4;
  static constexpr std::uint32_t phase(std::uint32_t word) { return word % next; }

  static constexpr auto nothing = [](std::size_t) {};

  void serve() {
    std::uint32_t word;
    while (phase(word = word_.load(std::memory_order_acquire)) != ending) {
      if (phase(word) == idle) {
        wait_while(word_, word);
      } else if (word_.compare_exchange_strong(word, word + (working - offered))) {
        share_.perform();
        set(word + (next - offered));
      }
    }
  }

  // Sequentially consistent, since notify_one looks whether anybody sleeps, and may not look before
  // the store is seen.
  void set(std::uint32_t word) {
    word_.store(word);
    word_.notify_one();
  }

  std::atomic<std::uint32_t> word_ = idle;
  Share share_{nothing, 0, 1, 0};
  std::jthread thread_;
};

}  // namespace

class Threads::Team {
 public:
  explicit Team(std::size_t helpers) : helpers_(helpers) {
    for (Helper& helper : helpers_) helper.start();
  }

  std::size_t size() const { return helpers_.size() + 1; }

  void run(std::size_t count, Task task) {
    if (helpers_.empty() || count < 2 || busy_.exchange(true, std::memory_order_acquire))
      return Share{task, 0, 1, count}.perform();
    const std::size_t offers = std::min(helpers_.size(), count - 1);
    for (std::size_t i = 0; i < offers; ++i) helpers_[i].offer({task, i + 1, size(), count});
    Share{task, 0, size(), count}.perform();
    // Nobody waits for a helper that has not begun: its processor may be at other work.
    for (std::size_t i = 0; i < offers; ++i)
      if (helpers_[i].take_back()) helpers_[i].share().perform();
    for (std::size_t i = 0; i < offers; ++i) helpers_[i].await();
    busy_.store(false, std::memory_order_release);
  }

 private:
  std::vector<Helper> helpers_;
  std::atomic<bool> busy_ = false;
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
