// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace truestep {

/// Rewrites one line of a terminal, once a second has passed; silent elsewhere.
class ProgressBar {
 public:
  explicit ProgressBar(std::uint64_t total) : total_(total) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }

  void show(const std::string& what, std::uint64_t done) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began_;
    if (!terminal_ || spent.count() < 1) return;
    const double part = static_cast<double>(done) / static_cast<double>(total_);
    const auto full = static_cast<std::size_t>(30 * part);
    std::fputs(
        fmt::format("\r\033[K[{}{}] {:3.0f} %, {:.0f} s left: {}", std::string(full, '#'),
                    std::string(30 - full, '.'), 100 * part, spent.count() * (1 / part - 1), what)
            .c_str(),
        stderr);
    shown_ = true;
  }
  void clear() {
    if (shown_) std::fputs("\r\033[K", stderr);
    shown_ = false;
  }

 private:
  std::uint64_t total_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  bool terminal_ = isatty(STDERR_FILENO) != 0, shown_ = false;
};

}  // namespace truestep
