// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

#pragma GCC visibility push(default)

namespace truestep::fast {

/// One of a number of like pieces of work, called by its index: a reference to a callable, which
/// has to outlive it. Unlike std::function it never allocates.
class Task {
 public:
  template <class Work>
  requires(!std::is_same_v<Work, Task> && std::is_invocable_v<const Work&, std::size_t>)
      Task(const Work& work)
      : work_(&work), call_([](const void* callable, std::size_t index) {
          (*static_cast<const Work*>(callable))(index);
        }) {}

  void operator()(std::size_t index) const { call_(work_, index); }

 private:
  const void* work_;
  void (*call_)(const void*, std::size_t);
};

/// What runs the tasks of a step: a reference to a callable `run`, which has to outlive it.
/// run(count, task) calls task(0) ... task(count - 1), each once, in any order, on any threads, and
/// returns when all have returned. A caller's own:
///
///     const auto openmp = [](std::size_t count, Task task) {
///     #pragma omp parallel for
///       for (std::size_t i = 0; i < count; ++i) task(i);
///     };
///     step(h, t, tensors, Executor(4, openmp));
///
/// No task of this library throws, and what it computes does not depend on the executor. A step
/// sets the rounding mode inside each task, and restores it there.
class Executor {
 public:
  /// @param threads  into how many tasks a step is worth cutting, if it is long enough; 0 acts as 1
  template <class Run>
  requires std::is_invocable_v<const Run&, std::size_t, Task> Executor(std::size_t threads,
                                                                       const Run& run)
      : threads_(threads),
        run_(&run),
        call_([](const void* callable, std::size_t count, Task task) {
          (*static_cast<const Run*>(callable))(count, task);
        }) {}

  std::size_t threads() const { return threads_; }

  /// A single task runs on the calling thread, whatever the executor.
  void operator()(std::size_t count, Task task) const {
    if (count == 1) return task(0);
    call_(run_, count, task);
  }

 private:
  std::size_t threads_;
  const void* run_;
  void (*call_)(const void*, std::size_t, Task);
};

/// Runs all tasks on the thread that calls; what a step uses unless it is given another.
Executor calling_thread();

/// A team of threads that lives from construction to destruction: the thread that calls, and
/// count - 1 that this starts. Nothing else in truestep::fast starts a thread.
///
///     const Threads threads(4);
///     step(h, t, tensors, threads);
///
/// Between calls a thread waits actively for 50 microseconds, then asleep, so that a call shortly
/// after another costs no system call, and an idle team no time. What a helper has not begun when
/// the caller is done with its own part, the caller takes back: where all processors are at other
/// work, a step takes little longer than on one thread.
///
/// Measured (two states, 16K floats, two threads on two cores of a Zen 4, the best hundredth of
/// windows of 60 calls beside other programs): 0.56 of one thread's time. Medians beside these
/// programs, at 8K, 16K, 32K, 64K: OpenMP's parallel for 0.96, 1.06, 0.71, 0.66, and milliseconds
/// where a thread of it has lost its processor; oneTBB 1.17, 1.08, 1.05, 1.04;
/// this 1.19, 1.09, 1.05, 1.04, which is what taking back costs.
///
/// Called while it is at work, from a second thread or from inside a task, the team lets the caller
/// run its tasks alone. The tasks may not throw.
class Threads {
 public:
  /// Throws std::invalid_argument "threads: count = VALUE is outside [1, 1024]" outside that range,
  /// and std::system_error if a thread cannot be started.
  explicit Threads(std::size_t count);
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  std::size_t count() const;

  void operator()(std::size_t count, Task task) const;

  operator Executor() const { return {count(), *this}; }

 private:
  class Team;
  std::unique_ptr<Team> team_;
};

}  // namespace truestep::fast

#pragma GCC visibility pop
