#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace truestep::drift {

/// Does `task` for each item, on as many threads as the machine has; returns when all are done.
template <class Item, class Task>
void for_each_in_parallel(std::vector<Item>& items, const Task& task) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i; (i = next++) < items.size();) task(items[i]);
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) others.emplace_back(work);
  work();
}

}  // namespace truestep::drift
