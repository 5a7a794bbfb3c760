// SPDX-License-Identifier: Apache-2.0
// The protocol is on the page PROTOCOLS.md.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <system_error>

#include "kernel.hpp"

namespace truestep::trial {
namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// The words of a command line: quotes hold blanks together, as does a backslash. No shell is
/// asked, so that nothing stands between a run and the program that has to end with it.
std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words;
  bool inside = false;
  char quote = 0;
  for (std::size_t i = 0; i < command.size(); ++i) {
    char c = command[i];
    if (quote == 0 && (c == ' ' || c == '\t')) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      if (c == '\\' && quote != '\'' && i + 1 < command.size()) c = command[++i];
      words.back() += c;
    }
  }
  if (quote != 0)
    throw std::invalid_argument(fmt::format("command = {} has an open quote", command));
  if (words.empty()) throw std::invalid_argument("command is empty");
  return words;
}

/// What is written at one end is read at the other.
struct Pipe {
  int out = -1, in = -1;

  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("pipe");
    out = ends[0];
    in = ends[1];
  }
};

/// A program that answers each line with a line.
class Program {
 public:
  Program(const std::string& command, std::vector<std::string> words) {
    const Pipe asked, answered, refused;
    child_ = fork();
    if (child_ == -1) throw_errno("fork");
    if (child_ == 0) become(words, asked.out, answered.in, refused.in);
    for (const int end : {asked.out, answered.in, refused.in}) close(end);
    int error = 0;
    const auto got = ::read(refused.out, &error, sizeof error);  // nothing where it is started
    close(refused.out);
    if (got == sizeof error)
      throw NotLoaded(
          fmt::format("command = {} cannot be started: {}", command, std::strerror(error)));
    signal(SIGPIPE, SIG_IGN);  // that it does not read is seen where it does not answer
    to_ = fdopen(asked.in, "w");
    from_ = fdopen(answered.out, "r");
    if (to_ == nullptr || from_ == nullptr) throw_errno("fdopen");
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    std::fclose(to_);
    std::fclose(from_);
    int status = 0;
    waitpid(child_, &status, 0);
    std::free(line_);
    if (WIFSIGNALED(status)) end_with(status);
  }

  /// Ends this process as the program does, where it ends instead.
  std::string ask(const std::string& question) {
    std::fputs(question.c_str(), to_);
    std::fputc('\n', to_);
    std::fflush(to_);
    const auto length = getline(&line_, &room_, from_);
    if (length < 0) {
      int status = 0;
      waitpid(child_, &status, 0);
      end_with(status);
    }
    std::string answer(line_, static_cast<std::size_t>(length));
    while (!answer.empty() && (answer.back() == '\n' || answer.back() == '\r')) answer.pop_back();
    constexpr std::string_view error = "error";
    if (answer.starts_with(error)) {
      const auto text = answer.find_first_not_of(' ', error.size());
      throw std::runtime_error(text == answer.npos ? "error" : answer.substr(text));
    }
    return answer;
  }

 private:
  [[noreturn]] static void become(std::vector<std::string>& words, int in, int out, int refused) {
#if defined(__linux__)
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    signal(SIGPIPE, SIG_DFL);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    const int error = errno;
    [[maybe_unused]] const auto told = ::write(refused, &error, sizeof error);
    _exit(127);
  }

  [[noreturn]] static void end_with(int status) {
    if (WIFSIGNALED(status)) {
      signal(WTERMSIG(status), SIG_DFL);
      raise(WTERMSIG(status));
    }
    _exit(WEXITSTATUS(status));
  }

  pid_t child_ = -1;
  std::FILE *to_ = nullptr, *from_ = nullptr;
  char* line_ = nullptr;
  std::size_t room_ = 0;
};

/// Digits that tell a number from all others of its format; those of a float where it has 16 bits.
std::string text(double x, Format format) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x > 0 ? "Infinity" : "-Infinity";
  return format == Format::float64 ? fmt::format("{}", x)
                                   : fmt::format("{}", static_cast<float>(x));
}

double number(Format format, const char* from, char** end) {
  if (format == Format::float32) return std::strtof(from, end);
  return nearest(format, std::strtod(from, end));
}

class AskedOptimizer : public Optimizer {
 public:
  AskedOptimizer(Program& program, const Setup& setup) : program_(program), setup_(setup) {}

  int step(std::uint64_t t, void* const* theta, const void* const* gradient) override {
    std::string question = fmt::format("step {}", t);
    for (std::size_t k = 0; k < setup_.lengths.size(); ++k) {
      add(question, setup_.format.theta, theta[k], k);
      add(question, setup_.format.gradients, gradient[k], k);
    }
    const auto answer = program_.ask(question);
    std::size_t from = 0;
    for (std::size_t k = 0; k < setup_.lengths.size(); ++k) {
      const bool is_last = k + 1 == setup_.lengths.size();
      const auto bar = answer.find('|', from);
      if (is_last != (bar == answer.npos))
        throw std::runtime_error(
            fmt::format("answers step {} with other than {} tensors", t, setup_.lengths.size()));
      take(answer.substr(from, bar - from), setup_.format.theta, theta[k], k);
      from = bar + 1;
    }
    return 0;
  }
  bool state(std::size_t tensor, const char* name, void* out) override {
    const auto answer = program_.ask(fmt::format("state {} {}", tensor, name));
    if (answer == "none") return false;
    take(answer, setup_.format.state(name), out, tensor);
    return true;
  }
  bool set_state(std::size_t tensor, const char* name, const void* in) override {
    auto question = fmt::format("set {} {}", tensor, name);
    add(question, setup_.format.state(name), in, tensor);
    return program_.ask(question) == "ok";
  }

 private:
  void add(std::string& question, Format format, const void* array, std::size_t tensor) const {
    question += " |";
    for (std::size_t i = 0; i < setup_.lengths[tensor]; ++i) {
      question += ' ';
      question +=
          text(load(format, static_cast<const std::byte*>(array) + i * size_of(format)), format);
    }
  }

  void take(const std::string& answer, Format format, void* to, std::size_t tensor) const {
    const auto length = setup_.lengths[tensor];
    const char* at = answer.c_str();
    std::size_t count = 0;
    for (char* end = nullptr;; at = end, ++count) {
      at += std::strspn(at, " \t");
      if (*at == 0) break;
      const double value = number(format, at, &end);
      if (end == at || (*end != ' ' && *end != '\t' && *end != 0))
        throw std::runtime_error(fmt::format("answers \"{:.40}\" where a number is due", at));
      if (count < length)
        store(format, value, static_cast<std::byte*>(to) + count * size_of(format));
    }
    if (count != length)
      throw std::runtime_error(
          fmt::format("answers {} numbers of tensor {}, which has {}", count, tensor, length));
  }

  Program& program_;
  Setup setup_;
};

class CommandKernel : public Kernel {
 public:
  explicit CommandKernel(const std::string& command)
      : command_(command), words_(words_of(command)) {}

  std::string name() const override { return command_; }
  bool shares_memory() const override { return false; }
  void load() override { program_ = std::make_unique<Program>(command_, words_); }

  std::unique_ptr<Optimizer> make(const Setup& setup) override {
    auto question = fmt::format("new {} {} ", setup.rule, word(setup.format));
    for (std::size_t k = 0; k < setup.lengths.size(); ++k)
      question += fmt::format("{}{}", k == 0 ? "" : ",", setup.lengths[k]);
    for (const auto& [name, value] : setup.numbers) question += fmt::format(" {}={}", name, value);
    const auto answer = program_->ask(question);
    if (answer == "none") return nullptr;
    if (answer != "ok")
      throw std::runtime_error(fmt::format("answers \"{:.40}\" where ok or none is due", answer));
    return std::make_unique<AskedOptimizer>(*program_, setup);
  }
  void unload() override { program_.reset(); }

 private:
  std::string command_;
  std::vector<std::string> words_;
  std::unique_ptr<Program> program_;
};

}  // namespace

std::unique_ptr<Kernel> command_kernel(const std::string& command) {
  return std::make_unique<CommandKernel>(command);
}

}  // namespace truestep::trial
