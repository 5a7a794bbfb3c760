// SPDX-License-Identifier: Apache-2.0
#include "drive.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#include "board.hpp"

namespace truestep::trial {
namespace {

/// An array between two pages that nobody may touch, and its surroundings filled.
class Guarded {
 public:
  Guarded(std::string name, std::size_t bytes, Placement placement)
      : name_(std::move(name)),
        length_(bytes),
        inner_((bytes / page_size() + 1) * page_size()),
        pages_(inner_ + 2 * page_size(), Pages::Seen::here_alone),
        inside_(pages_.first() + page_size()),
        data_(placement == Placement::at_start ? inside_ : inside_ + inner_ - bytes) {
    std::memset(inside_, filling, inner_);
    pages_.forbid(0, page_size());
    pages_.forbid(page_size() + inner_, page_size());
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

/// The child's side.
class Child {
 public:
  Child(Kernel& kernel, const Job& job, const Rows& rows)
      : kernel_(kernel), job_(job), rows_(rows), board_(rows.board()) {
    const auto add = [&](const char* name, Format format) {
      for (std::size_t k = 0; k < job.setup.lengths.size(); ++k) {
        std::string called = name;
        if (job.setup.lengths.size() > 1) called += " of tensor " + std::to_string(k);
        arrays_.emplace_back(called, job.setup.lengths[k] * size_of(format), job.placement);
      }
    };
    add("theta", job.setup.format.theta);
    add("gradient", job.setup.format.gradients);
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
    scatter(rows_.theta(), theta_, job_.setup.format.theta);
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
    scatter(rows_.gradient(s), gradient_, job_.setup.format.gradients);
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
    const auto size = size_of(job_.setup.format.theta);
    std::size_t i = 0;
    for (std::size_t k = 0; k < theta_.size(); ++k)
      for (std::size_t j = 0; j < job_.setup.lengths[k]; ++j, ++i)
        if (!job_.put_back.empty() && job_.put_back[i])
          std::memcpy(static_cast<std::byte*>(theta_[k]) + j * size, rows_.theta() + i * size,
                      size);
  }

  void look_at_gradient(std::size_t s) {
    const auto size = size_of(job_.setup.format.gradients);
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
        at += job_.setup.lengths[tensor] * size_of(job_.setup.format.state(name));
      }
    }
  }

  void show(Optimizer& optimizer, std::size_t k, std::size_t s) {
    std::byte* at = rows_.shown(k, s);
    bool all = true;
    for (std::size_t tensor = 0; tensor < job_.setup.lengths.size(); ++tensor) {
      all &= optimizer.state(tensor, job_.shown[k].c_str(), at);
      at += job_.setup.lengths[tensor] * size_of(job_.setup.format.state(job_.shown[k]));
    }
    if (s == 0 || !all) board_.shown[k] = all;
  }

  void scatter(const std::byte* row, const std::vector<void*>& arrays, Format format) const {
    for (std::size_t k = 0; k < arrays.size(); ++k) {
      const auto bytes = job_.setup.lengths[k] * size_of(format);
      std::memcpy(arrays[k], row, bytes);
      row += bytes;
    }
  }
  void gather(const std::vector<void*>& arrays, std::byte* row) const {
    for (std::size_t k = 0; k < arrays.size(); ++k) {
      const auto bytes = job_.setup.lengths[k] * size_of(job_.setup.format.theta);
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

void be_the_child(Kernel& kernel, const Job& job, const Rows& rows) {
  try {
    Child(kernel, job, rows).run();
  } catch (const std::exception& error) {
    rows.board().ending = Run::Ending::threw;
    write(rows.board().message, error.what());
  }
}

}  // namespace

Run drive(Kernel& kernel, const Job& job, std::chrono::milliseconds limit) {
  const Rows rows(job);
  const auto status = in_a_process(kernel, limit, [&] { be_the_child(kernel, job, rows); });
  if (rows.board().not_loaded) throw NotLoaded(rows.board().message.data());
  Run run = read(job, rows);
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
