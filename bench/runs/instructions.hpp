// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace truestep::runs {

/// How a task is compiled; the results are the same.
enum class Instructions { baseline, avx2, avx512 };

/// Those that this processor has, the best last.
inline std::vector<Instructions> available_instructions() {
  std::vector<Instructions> available{Instructions::baseline};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    available.push_back(Instructions::avx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    available.push_back(Instructions::avx512);
#endif
  return available;
}

// A task is compiled for each instruction set, with all that it calls. It holds loops over doubles
// without branches.

template <class Task>
[[gnu::flatten]] void run_baseline(const Task& task) {
  task();
}

#if defined(__x86_64__)
template <class Task>
[[gnu::flatten, gnu::target("avx2,fma")]] void run_avx2(const Task& task) {
  task();
}

template <class Task>
[[gnu::flatten, gnu::target("avx512f,avx512dq,avx512vl,avx512bw,fma")]] void run_avx512(
    const Task& task) {
  task();
}
#endif

template <class Task>
void run(Instructions instructions, const Task& task) {
  switch (instructions) {
#if defined(__x86_64__)
    case Instructions::avx512:
      return run_avx512(task);
    case Instructions::avx2:
      return run_avx2(task);
#endif
    default:
      return run_baseline(task);
  }
}

/// Runs a task compiled for the best that this processor has.
template <class Task>
void run_best(const Task& task) {
  static const Instructions best = available_instructions().back();
  run(best, task);
}

}  // namespace truestep::runs
