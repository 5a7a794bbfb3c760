// SPDX-License-Identifier: Apache-2.0
#include "process.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

namespace truestep::trial {
namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

[[noreturn]] void be_the_child(pid_t parent, const std::function<void()>& work) {
#if defined(__linux__)
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it had died already
#endif
  dup2(STDERR_FILENO, STDOUT_FILENO);  // what a kernel prints is no part of the report
  try {
    work();
  } catch (...) {
    _exit(1);
  }
  _exit(0);
}

std::optional<int> waited(Kernel& kernel, pid_t child, std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::microseconds longest_pause(2000);
  const auto until = Clock::now() + limit;
  for (std::chrono::microseconds pause(50);; pause = std::min(2 * pause, longest_pause)) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    if (ended == -1 && errno != EINTR) throw_errno("waitpid");
    const bool interrupted = kernel.interrupted();
    if (interrupted || Clock::now() > until) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      if (interrupted) throw Interrupted("interrupted");
      return {};
    }
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

Pages::Pages(std::size_t bytes, Seen seen) : bytes_(std::max(bytes, page_size())) {
  const int flags = (seen == Seen::by_forks_too ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS;
  void* const at = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (at == MAP_FAILED) throw_errno("mmap");
  first_ = static_cast<std::byte*>(at);
}

Pages::Pages(Pages&& other) noexcept : first_(other.first_), bytes_(other.bytes_) {
  other.first_ = nullptr;
}

Pages::~Pages() {
  if (first_ != nullptr) munmap(first_, bytes_);
}

void Pages::forbid(std::size_t from, std::size_t bytes) const {
  if (mprotect(first_ + from, bytes, PROT_NONE) != 0) throw_errno("mprotect");
}

std::optional<int> in_a_process(Kernel& kernel, std::chrono::milliseconds limit,
                                const std::function<void()>& work) {
  kernel.before_fork();
  const pid_t parent = getpid(), child = fork();
  if (child == 0) be_the_child(parent, work);
  const int error = errno;
  kernel.after_fork();
  if (child == -1) throw std::system_error(error, std::generic_category(), "fork");
  return waited(kernel, child, limit);
}

}  // namespace truestep::trial
