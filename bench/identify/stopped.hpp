// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>

namespace truestep::identify {

/// What had not been settled when the user asked to stop; whatever catches it stays open.
struct Stopped {};

/// Set, from a handler of signals too, to end an identification with what is known so far.
inline std::atomic<bool> stop_asked = false;

inline void require_not_stopped() {
  if (stop_asked.load(std::memory_order_relaxed)) throw Stopped();
}

/// Called with what is done, how much of it, and of how much, where somebody wants to know.
inline std::function<void(const char* what, std::size_t done, std::size_t of)> on_progress;

/// Counts what threads have done of a stage.
class Stage {
 public:
  Stage(const char* what, std::size_t of) : what_(what), of_(of) {}
  void one_more() {
    if (!on_progress) return;
    const std::lock_guard guard(one_);
    on_progress(what_, ++done_, of_);
  }

 private:
  const char* what_;
  std::size_t done_ = 0, of_;
  std::mutex one_;
};

}  // namespace truestep::identify
