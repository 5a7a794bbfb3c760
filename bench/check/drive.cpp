// SPDX-License-Identifier: Apache-2.0
#include "drive.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

namespace truestep::trial {
namespace {

std::size_t page() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// Memory of its own.
class Pages {
 public:
  Pages(std::size_t bytes, int flags) : bytes_(std::max(bytes, page())) {
    void* const at = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) throw_errno("mmap");
    first_ = static_cast<std::byte*>(at);
  }
  Pages(Pages&& other) noexcept : first_(other.first_), bytes_(other.bytes_) {
    other.first_ = nullptr;
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() {
    if (first_ != nullptr) munmap(first_, bytes_);
  }

  std::byte* first() const { return first_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::byte* first_;
  std::size_t bytes_;
};

/// An array between two pages that nobody may touch, and its surroundings filled.
class Guarded {
 public:
  Guarded(std::string name, std::size_t bytes, Placement placement)
      : name_(std::move(name)),
        length_(bytes),
        inner_((bytes / page() + 1) * page()),
        pages_(inner_ + 2 * page(), MAP_PRIVATE),
        inside_(pages_.first() + page()),
        data_(placement == Placement::at_start ? inside_ : inside_ + inner_ - bytes) {
    std::memset(inside_, filling, inner_);
    if (mprotect(pages_.first(), page(), PROT_NONE) != 0 ||
        mprotect(inside_ + inner_, page(), PROT_NONE) != 0)
      throw_errno("mprotect");
  }

  std::byte* data() const { return data_; }
  std::size_t bytes() const { return length_; }

  /// Where something was written beside it, in words; "" where nothing was.
  std::string damage() const {
    for (const std::byte* at = inside_; at < inside_ + inner_; ++at)
      if ((at < data_ || at >= data_ + length_) && *at != std::byte{filling})
        return where(at) + " was written";
    return "";
  }

  /// An address in its pages, in words; "" for any other.
  std::string where(const void* address) const {
    const auto* const at = static_cast<const std::byte*>(address);
    if (at < pages_.first() || at >= pages_.first() + pages_.bytes()) return "";
    const bool after = at >= data_;
    const auto away = after ? at - (data_ + length_) + 1 : data_ - at;
    return std::to_string(away) + (away == 1 ? " byte" : " bytes") +
           (after ? " past the end of " : " before ") + name_;
  }

 private:
  static constexpr unsigned char filling = 0xa5;

  std::string name_;
  std::size_t length_, inner_;
  Pages pages_;
  std::byte *inside_, *data_;
};

/// What both processes see. The rows follow it.
struct Board {
  Phase phase;
  std::size_t step;  ///< the one under way, counted from 0
  Run::Ending ending;
  bool not_loaded, took_states;
  int code;
  std::array<char, 400> message;
  std::array<char, 200> outside;
  std::size_t gradients_written, gradient_step, gradient_coordinate;
  ControlWord at_first, loaded, stepped;
  std::size_t control_step;
  std::array<bool, 16> shown;
};

template <std::size_t size>
void write(std::array<char, size>& to, const std::string& text) {
  to[text.copy(to.data(), size - 1)] = 0;
}

// What the handler of a signal needs. There is one run in a process.
Board* handler_board = nullptr;
const std::vector<Guarded>* handler_arrays = nullptr;

/// The process is lost, and what is said of it is all that matters.
void crashed(int signal, siginfo_t* info, void*) {
  handler_board->ending = Run::Ending::crashed;
  handler_board->code = signal;
  if (signal == SIGSEGV || signal == SIGBUS)
    for (const auto& array : *handler_arrays)
      if (const auto where = array.where(info->si_addr); !where.empty())
        write(handler_board->outside, where + " was touched");
  _exit(1);
}

/// The rows of a job in the format of its kernel. They are turned into doubles and back on this
/// side alone: a library may have told its process to read subnormal numbers as zero.
class Rows {
 public:
  explicit Rows(const Job& job)
      : job_(job),
        count_(job.setup.coordinates()),
        row_(count_ * size_of(job.setup.format)),
        memory_(sizeof(Board) + row_ * rows(), MAP_SHARED) {
    new (memory_.first()) Board{};
    put(theta(), job.theta);
    for (std::size_t s = 0; s < job.steps(); ++s)
      put(gradient(s), {job.gradients.begin() + std::ptrdiff_t(s * count_),
                        job.gradients.begin() + std::ptrdiff_t((s + 1) * count_)});
    std::size_t k = 0;
    for (const auto& [name, values] : job.states) put(given(k++), values);
  }

  Board& board() const { return *reinterpret_cast<Board*>(memory_.first()); }
  std::byte* theta() const { return at(0); }
  std::byte* gradient(std::size_t step) const { return at(1 + step); }
  std::byte* after(std::size_t step) const { return at(1 + job_.steps() + step); }
  std::byte* given(std::size_t state) const { return at(1 + 2 * job_.steps() + state); }
  std::byte* shown(std::size_t state, std::size_t step) const {
    return at(1 + 2 * job_.steps() + job_.states.size() + state * job_.steps() + step);
  }

  std::vector<double> values(const std::byte* row) const {
    std::vector<double> all(count_);
    for (std::size_t i = 0; i < count_; ++i)
      all[i] =
          job_.setup.format == Format::float32 ? double{read<float>(row, i)} : read<double>(row, i);
    return all;
  }

 private:
  std::size_t rows() const {
    return 1 + 2 * job_.steps() + job_.states.size() + job_.shown.size() * job_.steps();
  }
  std::byte* at(std::size_t row) const { return memory_.first() + sizeof(Board) + row * row_; }

  template <class T>
  static T read(const std::byte* row, std::size_t i) {
    T value;
    std::memcpy(&value, row + i * sizeof(T), sizeof(T));
    return value;
  }
  template <class T>
  static void write_one(std::byte* row, std::size_t i, double value) {
    const auto rounded = static_cast<T>(value);
    std::memcpy(row + i * sizeof(T), &rounded, sizeof(T));
  }
  void put(std::byte* row, const std::vector<double>& values) const {
    for (std::size_t i = 0; i < count_; ++i)
      job_.setup.format == Format::float32 ? write_one<float>(row, i, values[i])
                                           : write_one<double>(row, i, values[i]);
  }

  const Job& job_;
  std::size_t count_, row_;
  Pages memory_;
};

/// The child's side.
class Child {
 public:
  Child(Kernel& kernel, const Job& job, const Rows& rows)
      : kernel_(kernel), job_(job), rows_(rows), board_(rows.board()) {
    const auto size = size_of(job.setup.format);
    for (const char* name : {"theta", "gradient"})
      for (std::size_t k = 0; k < job.setup.lengths.size(); ++k) {
        std::string called = name;
        if (job.setup.lengths.size() > 1) called += " of tensor " + std::to_string(k);
        arrays_.emplace_back(called, job.setup.lengths[k] * size, job.placement);
      }
    const auto tensors = job.setup.lengths.size();
    for (std::size_t k = 0; k < tensors; ++k) {
      theta_.push_back(arrays_[k].data());
      gradient_.push_back(arrays_[tensors + k].data());
      constant_.push_back(gradient_.back());
    }
  }

  void run() {
    listen();
    try {
      go();
    } catch (const NotLoaded& error) {
      board_.not_loaded = true;
      write(board_.message, error.what());
    } catch (const std::exception& error) {
      board_.ending = Run::Ending::threw;
      write(board_.message, error.what());
    } catch (...) {
      board_.ending = Run::Ending::threw;
      write(board_.message, "something that is no std::exception");
    }
  }

 private:
  void listen() {
    handler_board = &board_;
    handler_arrays = &arrays_;
    static std::array<std::byte, 1 << 16> stack;
    const stack_t own{.ss_sp = stack.data(), .ss_flags = 0, .ss_size = stack.size()};
    sigaltstack(&own, nullptr);
    struct sigaction action {};
    action.sa_sigaction = crashed;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
      sigaction(signal, &action, nullptr);
  }

  void go() {
    board_.at_first = board_.loaded = board_.stepped = control_word();
    board_.phase = Phase::loading;
    kernel_.load();
    board_.loaded = board_.stepped = control_word();
    board_.phase = Phase::making;
    auto optimizer = kernel_.make(job_.setup);
    if (optimizer == nullptr) {
      board_.ending = Run::Ending::refused;
      board_.phase = Phase::done;
      return;
    }
    board_.phase = Phase::setting;
    set_states(*optimizer);
    scatter(rows_.theta(), theta_);
    for (board_.step = 0; board_.step < job_.steps(); ++board_.step)
      if (!step(*optimizer, board_.step)) return;
    board_.phase = Phase::freeing;
    optimizer.reset();
    kernel_.unload();
    look_around();
    board_.phase = Phase::done;
  }

  bool step(Optimizer& optimizer, std::size_t s) {
    board_.phase = Phase::stepping;
    if (s > 0) put_back();
    scatter(rows_.gradient(s), gradient_);
    const int code = optimizer.step(job_.t[s], theta_.data(), constant_.data());
    note_control_word(s);
    look_around();
    if (code != 0) {
      board_.ending = Run::Ending::failed;
      board_.code = code;
      return false;
    }
    gather(theta_, rows_.after(s));
    look_at_gradient(s);
    board_.phase = Phase::showing;
    for (std::size_t k = 0; k < job_.shown.size(); ++k) show(optimizer, k, s);
    return true;
  }

  void note_control_word(std::size_t s) {
    const auto now = control_word();
    if (now == board_.loaded || board_.control_step != 0) return;
    board_.stepped = now;
    board_.control_step = s + 1;
  }

  void put_back() {
    const auto size = size_of(job_.setup.format);
    std::size_t i = 0;
    for (std::size_t k = 0; k < theta_.size(); ++k)
      for (std::size_t j = 0; j < job_.setup.lengths[k]; ++j, ++i)
        if (!job_.put_back.empty() && job_.put_back[i])
          std::memcpy(static_cast<std::byte*>(theta_[k]) + j * size, rows_.theta() + i * size,
                      size);
  }

  void look_at_gradient(std::size_t s) {
    const auto size = size_of(job_.setup.format);
    std::size_t i = 0;
    for (std::size_t k = 0; k < gradient_.size(); ++k)
      for (std::size_t j = 0; j < job_.setup.lengths[k]; ++j, ++i) {
        if (std::memcmp(static_cast<std::byte*>(gradient_[k]) + j * size,
                        rows_.gradient(s) + i * size, size) == 0)
          continue;
        if (board_.gradients_written++ > 0) continue;
        board_.gradient_step = s;
        board_.gradient_coordinate = i;
      }
  }

  void look_around() {
    if (board_.outside[0] != 0) return;
    for (const auto& array : arrays_)
      if (const auto damage = array.damage(); !damage.empty()) {
        write(board_.outside, damage);
        return;
      }
  }

  void set_states(Optimizer& optimizer) {
    board_.took_states = true;
    std::size_t k = 0;
    for (const auto& [name, values] : job_.states) {
      const std::byte* at = rows_.given(k++);
      for (std::size_t tensor = 0; tensor < job_.setup.lengths.size(); ++tensor) {
        board_.took_states &= optimizer.set_state(tensor, name.c_str(), at);
        at += job_.setup.lengths[tensor] * size_of(job_.setup.format);
      }
    }
  }

  void show(Optimizer& optimizer, std::size_t k, std::size_t s) {
    std::byte* at = rows_.shown(k, s);
    bool all = true;
    for (std::size_t tensor = 0; tensor < job_.setup.lengths.size(); ++tensor) {
      all &= optimizer.state(tensor, job_.shown[k].c_str(), at);
      at += job_.setup.lengths[tensor] * size_of(job_.setup.format);
    }
    if (s == 0 || !all) board_.shown[k] = all;
  }

  void scatter(const std::byte* row, const std::vector<void*>& arrays) const {
    for (std::size_t k = 0; k < arrays.size(); ++k) {
      const auto bytes = job_.setup.lengths[k] * size_of(job_.setup.format);
      std::memcpy(arrays[k], row, bytes);
      row += bytes;
    }
  }
  void gather(const std::vector<void*>& arrays, std::byte* row) const {
    for (std::size_t k = 0; k < arrays.size(); ++k) {
      const auto bytes = job_.setup.lengths[k] * size_of(job_.setup.format);
      std::memcpy(row, arrays[k], bytes);
      row += bytes;
    }
  }

  Kernel& kernel_;
  const Job& job_;
  const Rows& rows_;
  Board& board_;
  std::vector<Guarded> arrays_;
  std::vector<void*> theta_, gradient_;
  std::vector<const void*> constant_;
};

/// The child's exit status, or nothing where the time was over. Throws Interrupted.
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

[[noreturn]] void be_the_child(Kernel& kernel, const Job& job, const Rows& rows) {
#if defined(__linux__)
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  dup2(STDERR_FILENO, STDOUT_FILENO);  // what a kernel prints is no part of the report
  try {
    Child(kernel, job, rows).run();
  } catch (const std::exception& error) {
    rows.board().ending = Run::Ending::threw;
    write(rows.board().message, error.what());
  }
  _exit(0);
}

void read(Run& run, const Job& job, const Rows& rows) {
  const Board& board = rows.board();
  run.phase = board.phase;
  run.message = board.message.data();
  run.outside = board.outside.data();
  run.took_states = board.took_states;
  run.gradients_written = board.gradients_written;
  run.gradient_step = board.gradient_step;
  run.gradient_coordinate = board.gradient_coordinate;
  run.at_first = board.at_first;
  run.loaded = board.loaded;
  run.stepped = board.stepped;
  run.control_step = board.control_step;
  run.steps = std::min(board.step, job.steps());
  const auto append = [&](std::vector<double>& all, const std::byte* row) {
    const auto values = rows.values(row);
    all.insert(all.end(), values.begin(), values.end());
  };
  for (std::size_t s = 0; s < run.steps; ++s) append(run.theta, rows.after(s));
  for (std::size_t k = 0; k < job.shown.size(); ++k)
    for (std::size_t s = 0; board.shown[k] && s < run.steps; ++s)
      append(run.states[job.shown[k]], rows.shown(k, s));
}

}  // namespace

Run drive(Kernel& kernel, const Job& job, std::chrono::milliseconds limit) {
  const Rows rows(job);
  kernel.before_fork();
  const pid_t child = fork();
  if (child == 0) be_the_child(kernel, job, rows);
  const int error = errno;
  kernel.after_fork();
  if (child == -1) throw std::system_error(error, std::generic_category(), "fork");
  const auto status = waited(kernel, child, limit);
  const Board& board = rows.board();
  if (board.not_loaded) throw NotLoaded(board.message.data());
  Run run;
  read(run, job, rows);
  run.ending = board.ending;
  run.code = board.code;
  if (!status) {
    run.ending = Run::Ending::hung;
  } else if (WIFSIGNALED(*status)) {
    run.ending = Run::Ending::crashed;
    run.code = WTERMSIG(*status);
  } else if (run.ending == Run::Ending::finished && run.phase != Phase::done) {
    run.ending = Run::Ending::left;
    run.code = WEXITSTATUS(*status);
  }
  return run;
}

std::string ended(const Run& run) {
  const auto what = [&]() -> std::string {
    switch (run.ending) {
      case Run::Ending::finished:
        return "finishes";
      case Run::Ending::refused:
        return "does not support the setup";
      case Run::Ending::failed:
        return "returns " + std::to_string(run.code);
      case Run::Ending::threw:
        return "throws \"" + run.message + "\"";
      case Run::Ending::crashed:
        return std::string("crashes (SIG") + sigabbrev_np(run.code) + ")";
      case Run::Ending::hung:
        return "does not return";
      case Run::Ending::left:
        return "ends its process with status " + std::to_string(run.code);
    }
    return "";
  };
  const auto when = [&]() -> std::string {
    const auto step = " step " + std::to_string(run.steps + 1);
    switch (run.phase) {
      case Phase::loading:
        return " while it is loaded";
      case Phase::making:
        return " while an optimizer is made";
      case Phase::setting:
        return " while a state is set";
      case Phase::stepping:
        return " in" + step;
      case Phase::showing:
        return " while a state is shown after" + step;
      case Phase::freeing:
        return " while it is freed";
      case Phase::done:
        break;
    }
    return "";
  };
  const std::string touched = run.outside.empty() ? "" : ": " + run.outside;
  return what() + (run.finished() ? "" : when()) + touched;
}

}  // namespace truestep::trial
