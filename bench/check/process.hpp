// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include "kernel.hpp"

/// A process of a run's own, and the memory that it shares with this one.
namespace truestep::trial {

std::size_t page_size();

/// Memory of its own, as much as was asked for or more, all 0.
class Pages {
 public:
  enum class Seen { here_alone, by_forks_too };

  /// Throws std::system_error.
  Pages(std::size_t bytes, Seen);
  Pages(Pages&& other) noexcept;
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages();

  std::byte* first() const { return first_; }
  std::size_t bytes() const { return bytes_; }
  /// Nobody may touch so many bytes from there on. Throws std::system_error.
  void forbid(std::size_t from, std::size_t bytes) const;

 private:
  std::byte* first_;
  std::size_t bytes_;
};

/// Does the work in a fork of this process, and ends it there; what it prints goes to standard
/// error. The status that waitpid gave, or nothing where it took longer than the limit. Throws
/// Interrupted; std::system_error where no process is to be had.
std::optional<int> in_a_process(Kernel&, std::chrono::milliseconds limit,
                                const std::function<void()>& work);

}  // namespace truestep::trial
