// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/reference/real.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace truestep::drift {

/// MPFR keeps constants and freed numbers for each thread, and frees them only when it is told to.
inline void free_what_the_thread_keeps() {
#if TRUESTEP_HAVE_MPFR
  mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE);
#endif
}

/// Does `task` for each item, on as many threads as the machine has; returns when all are done.
/// Throws the first exception that a task throws, and then leaves items out.
template <class Item, class Task>
void for_each_in_parallel(std::vector<Item>& items, const Task& task) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr thrown;
  std::once_flag once;
  const auto work = [&] {
    try {
      for (std::size_t i; (i = next++) < items.size();) task(items[i]);
    } catch (...) {
      std::call_once(once, [&] { thrown = std::current_exception(); });
      next = items.size();
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i)
      others.emplace_back([&] {
        work();
        free_what_the_thread_keeps();
      });
    work();
  }
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace truestep::drift
